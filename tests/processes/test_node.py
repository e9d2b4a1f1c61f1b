"""JavaScript beside a notebook: it has BullMQ, is seen, and does not outlive the notebook."""

import re
from pathlib import Path

import pytest

from labsupport.errors import LabError
from labsupport.processes import node
from labsupport.processes.redis_server import EmbeddedServer
from tests.kernels import SET_UP, alive, soon

WORKER = """
import { Queue, Worker } from 'bullmq'
const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX
await new Queue('q', { connection, prefix }).add('send', {})
new Worker('q', async () => console.log('worked'), { connection, prefix })
console.log('listening')
"""


@pytest.fixture
def script(lab, tmp_path, monkeypatch):
    """Starts a script with this code, in a folder of the test's own, as a notebook does."""
    monkeypatch.chdir(tmp_path)
    lab.bullmq()

    def start(code: str) -> node.Script:
        Path("one.mjs").write_text(code)
        return lab.node("one.mjs")

    return start


def complaint(do) -> str:
    with pytest.raises(LabError) as caught:
        do()
    assert len(str(caught.value).splitlines()) <= 2, str(caught.value)
    return str(caught.value)


def test_a_worker_works_until_it_is_stopped(lab, script, capsys):
    with script(WORKER) as one:
        assert "listening" in one.text()
        assert soon(lambda: "worked" in one.text())
        assert one.running
        assert one.memory() > 1
    assert not one.running
    assert soon(lambda: len(lab.attempts()) == 1)
    assert lab.attempts()[["queue", "function", "outcome"]].values.tolist() == [["q", "send", "finished"]]
    said = capsys.readouterr().out  # in between, on a busy machine: that it is starting
    assert (said.partition("\n")[0], said[-16:]) == ("$ node one.mjs", "one.mjs stopped\n")


def test_one_that_ends_by_itself(script):
    one = script("console.log('done')")
    assert soon(lambda: not one.running)
    assert one.text() == "done\n"


def test_one_that_does_not_listen_to_sigterm_is_killed(script, monkeypatch):
    monkeypatch.setattr(node, "PATIENCE", 0.2)
    one = script("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf')")
    one.stop()
    assert not one.running


def test_what_it_writes_has_no_colours(script, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # as a kernel does
    node_environment = node.environment("redis://", "bull")
    assert node_environment["FORCE_COLOR"] == "0"


def test_what_a_reader_can_do_wrong(lab, script):
    assert complaint(lambda: lab.node("missing.mjs")).startswith("There is no file missing.mjs")
    assert "SyntaxError: " in complaint(lambda: script("const = 1"))
    assert "Cannot find package 'bullmqq'" in complaint(lambda: script("import 'bullmqq'"))
    assert f"Cannot find module '{Path.cwd()}/two.mjs'" in complaint(lambda: script("import './two.mjs'"))
    assert "TypeError: no" in complaint(lambda: script("throw new TypeError('no')"))


def test_the_versions_are_said(lab, capsys):
    lab.bullmq()
    assert re.search(r"^BullMQ 6\.\d+\.\d+ on Node\.js \d+\.\d+\.\d+$", capsys.readouterr().out, re.MULTILINE)


def test_bullmq_is_not_set_up(lab, tmp_path, monkeypatch):
    node.node.cache_clear()
    monkeypatch.setattr(node, "READY", tmp_path / "ready")
    try:
        assert complaint(lab.bullmq).endswith("make bullmq")
    finally:
        node.node.cache_clear()


def test_the_set_up_cell_ends_it(lab, script):
    one = script(WORKER)
    lab.open()
    assert not one.running


def test_it_dies_with_the_kernel(kernel):
    notebook = kernel()
    notebook.run(f"{SET_UP}\nlab.bullmq()")
    notebook.run(f"%%writefile one.mjs\n{WORKER}")
    pid = int(notebook.run('one = lab.node("one.mjs"); print(one.pid)').splitlines()[-1])
    assert alive([pid])
    notebook.kill()
    assert soon(lambda: not alive([pid]))


def test_on_a_readers_redis_all_keys_are_the_labs_own(kernel):
    readers = EmbeddedServer()
    try:
        readers.redis.set("bull:q:meta", "theirs")
        notebook = kernel(REDIS_URL=readers.url)
        notebook.run(f"{SET_UP}\nlab.bullmq()")
        notebook.run(f"%%writefile one.mjs\n{WORKER}")
        notebook.run('one = lab.node("one.mjs")')
        assert soon(lambda: notebook.run("len(lab.attempts())") == "1")
        mine = {key.decode() for key in readers.redis.scan_iter()} - {"bull:q:meta"}
        assert all(key.startswith("jobs-lab:") for key in mine), mine
        assert any(re.fullmatch(r"jobs-lab:\w{8}:bull:q:completed", key) for key in mine), mine
        notebook.run("lab.close()")
        assert list(readers.redis.scan_iter()) == [b"bull:q:meta"]
    finally:
        readers.close()
