"""The server a lab talks to: the reader's, with its troubles in two lines, or the embedded one."""

import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager

import psutil
import pytest
import redis

from labsupport.errors import LabError
from labsupport.processes.redis_server import PATIENCE, EmbeddedServer, address, connect, free_port, product
from tests.kernels import SET_UP, CellError


def complaint(url: str) -> str:
    with pytest.raises(LabError) as caught:
        connect(url)
    text = str(caught.value)
    assert len(text.splitlines()) <= 2, text
    return text


def test_closed_port():
    assert "No Redis answers at 127.0.0.1:" in complaint(f"redis://127.0.0.1:{free_port()}")


@pytest.mark.parametrize("url", ["localhost:6379", "127.0.0.1", "http://localhost:6379", "postgres://x"])
def test_wrong_scheme_or_none(url):
    assert "Write it as redis://" in complaint(url)


def test_password_needed_and_wrong(server):
    assert "does not let us in" in complaint(f"redis://127.0.0.1:{server.port}")
    assert "does not let us in" in complaint(f"redis://:wrong@127.0.0.1:{server.port}")


def test_wrong_database(server):
    assert "Check the database number" in complaint(f"{server.url}/9999")


def test_replica_that_cannot_be_written(server):
    replica = EmbeddedServer(
        {"replicaof": f"127.0.0.1 {server.port}", "masterauth": server.url.split(":")[2].split("@")[0]}
    )
    try:
        text = complaint(replica.url)
        assert "read-only replica" in text
        assert f"127.0.0.1:{server.port}" in text
    finally:
        replica.close()


def test_decode_responses_would_break_rq(server):
    assert "needs bytes" in complaint(f"{server.url}/0?decode_responses=true")


@contextmanager
def impostor(answer: Callable[[bytes], bytes]):
    """The URL of a server that gives `answer` to what it is sent."""

    def talk(client):
        with client:
            while data := client.recv(4096):
                client.sendall(answer(data))

    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"redis://:secret@127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    ("version", "hello", "seen"),
    [
        (b"5.0.7", b"-ERR unknown command 'HELLO'\r\n", "is older than 6"),
        (b"6.0.16", b"%1\r\n$5\r\nproto\r\n:3\r\n", "is version 6.0.16"),
    ],
)
def test_too_old(version, hello, seen):
    """Two servers that answer as such a Redis would, as far as a client gets."""
    info = b"redis_version:%s\r\nrole:master\r\n" % version
    answers = {b"HELLO": hello, b"INFO": b"$%d\r\n%s\r\n" % (len(info), info)}

    def answer(data: bytes) -> bytes:
        return b"".join(answers.get(command, b"+OK\r\n") for command in re.findall(rb"\*\d+\r\n\$\d+\r\n(\w+)", data))

    with impostor(answer) as url:
        assert f"{seen}, and RQ 3 needs 6.2 or newer" in complaint(url)


@pytest.mark.parametrize("words", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"])
def test_a_server_of_another_kind(words):
    with impostor(lambda _: words) as url:
        assert "is not Redis" in complaint(url)


def test_a_server_that_never_answers():
    with impostor(lambda _: b"") as url:
        start = time.monotonic()
        assert "No Redis answers at 127.0.0.1:" in complaint(url)
        assert time.monotonic() - start < 2 * PATIENCE


MALFORMED = [
    "redis://:secret@127.0.0.1:port/0",
    "redis://:secret",
    "redis://reader:secret@[::1/0",
    "redis:/reader:secret@127.0.0.1",
    "http://reader:secret@127.0.0.1",
    "redis://:se/secret@127.0.0.1:1",
    "redis://:secret#secret@127.0.0.1:1",
    "redis://:secret'secret@127.0.0.1:port",
    "redis://:secret@127.0.0.1:1?foo=secret",
    "redis://127.0.0.1:1?foo=bar&password=secret",
    "redis://:secret@127.0.0.1:1?socket_timeout=secret",
]


@pytest.mark.parametrize("url", MALFORMED)
def test_a_malformed_url_is_not_printed_with_its_password(url):
    text = complaint(url)
    assert "is not a Redis URL" in text
    assert "secret" not in text


def test_an_option_that_does_not_exist():
    assert "redis-py knows no option foo" in complaint("redis://127.0.0.1:1/0?foo=bar")


def test_a_password_that_breaks_the_url():
    assert "/ ? and # are written as %2F %3F %23" in complaint("redis://:a/b@127.0.0.1:6379")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:secret@127.0.0.1:6379/0", "127.0.0.1:6379"),
        ("rediss://reader:secret@[::1]:6379", "[::1]:6379"),
        ("redis://localhost", "localhost"),
        ("unix:///run/redis.sock?db=1", "/run/redis.sock"),
        ("unix://:secret@/run/redis.sock", "/run/redis.sock"),
    ],
)
def test_address(url, shown):
    assert address(url) == shown


def test_what_the_reader_imported_follows_to_the_next_server(kernel):
    """`send_notification` finds its provider by REDIS_URL, which the set-up cell has changed."""
    notebook = kernel(REDIS_URL="")
    notebook.run(SET_UP + "\nfrom labsupport.notifications.processor import send_notification")
    assert notebook.run("send_notification({'message': 'Hello'})").endswith("True")
    notebook.run("lab._server.kill()")
    notebook.run(SET_UP)
    assert notebook.run("send_notification({'message': 'Hello'})").endswith("True")


def test_server_dies_while_a_cell_runs(kernel):
    notebook = kernel()
    notebook.run(SET_UP + "\nfrom rq import Queue\nqueue = Queue('q', connection=lab.redis)")
    notebook.run("lab._server.kill()")
    with pytest.raises(CellError) as caught:
        notebook.run("queue.enqueue(print)")
    lines = str(caught.value).splitlines()
    assert len(lines) == 2, lines
    assert lines[0].startswith("Redis at 127.0.0.1:")
    assert "Run the set-up cell again" in lines[1]
    # And so it is fixed.
    notebook.run(SET_UP + "\nqueue = Queue('q', connection=lab.redis)")
    assert notebook.run("queue.enqueue(print).get_status().value") == "'queued'"


def test_embedded_server_is_ours_alone(server):
    assert product(server.redis).startswith("Valkey ")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=server.port).ping()
    listening = [c.laddr.ip for c in psutil.Process(server.pid).net_connections() if c.status == "LISTEN"]
    assert set(listening) == {"127.0.0.1"}
    assert server.folder.stat().st_mode & 0o077 == 0


def test_restart_keeps_the_port_and_what_is_on_disk():
    server = EmbeddedServer({"appendonly": "yes", "appendfsync": "always"})
    try:
        url = server.url
        server.redis.set("kept", "yes")
        server.kill()
        assert not server.running
        server.start()
        assert server.url == url
        assert server.redis.get("kept") == b"yes"
    finally:
        server.close()
    assert not server.folder.exists()


def test_a_configuration_it_does_not_know(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(LabError, match="did not start on port"):
        EmbeddedServer({"no-such-option": "1"})
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_passed_over(monkeypatch, server):
    ports = iter([server.port, server.port, free_port()])
    monkeypatch.setattr("labsupport.processes.redis_server.free_port", lambda: next(ports))
    second = EmbeddedServer()
    try:
        assert second.port != server.port
        assert second.redis.ping()
    finally:
        second.close()


def test_another_program_for_servers_of_its_own(monkeypatch):
    monkeypatch.setenv("LAB_SERVER", "/no/such/redis-server")
    with pytest.raises(LabError, match="Could not start /no/such/redis-server: No such file"):
        EmbeddedServer()
