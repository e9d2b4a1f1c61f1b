"""The server a lab talks to: the reader's, with its troubles in two lines, or the embedded one."""

import re
import socket
import threading

import psutil
import pytest
import redis

from labsupport.errors import LabError
from labsupport.processes.redis_server import EmbeddedServer, connect, free_port, product
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

    def answer(client):
        with client:
            while data := client.recv(4096):
                for command in re.findall(rb"\*\d+\r\n\$\d+\r\n(\w+)", data):
                    client.sendall(
                        {b"HELLO": hello, b"INFO": b"$%d\r\n%s\r\n" % (len(info), info)}.get(command, b"+OK\r\n")
                    )

    def serve():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        text = complaint(f"redis://127.0.0.1:{listener.getsockname()[1]}")
    assert f"{seen}, and RQ 3 needs 6.2 or newer" in text


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
    # And so it is mended.
    notebook.run(SET_UP + "\nqueue = Queue('q', connection=lab.redis)")
    assert notebook.run("queue.enqueue(print).get_status().value") == "'queued'"


def test_embedded_server_is_ours_alone(server):
    assert product(server.redis).startswith("Valkey 9")
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


def test_a_configuration_it_does_not_know():
    with pytest.raises(LabError, match="did not start on port"):
        EmbeddedServer({"no-such-option": "1"})


def test_a_taken_port_is_passed_over(monkeypatch, server):
    ports = iter([server.port, server.port, free_port()])
    monkeypatch.setattr("labsupport.processes.redis_server.free_port", lambda: next(ports))
    second = EmbeddedServer()
    try:
        assert second.port != server.port
        assert second.redis.ping()
    finally:
        second.close()
