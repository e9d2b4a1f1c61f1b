"""What a reader's JavaScript may do to a check, beyond the kept answers of 11-bullmq. (Those are given in test_lab11.py.)"""

import os

import pytest

from labsupport import exercises
from labsupport.errors import LabError
from labsupport.exercises import check
from labsupport.exercises.exercise import NotYet
from labsupport.exercises.lab11 import javascript, keep_three, one_limit
from labsupport.namespace import root
from labsupport.processes import node
from tests.kernels import family, soon

RIGHT = "export const jobOptions = { removeOnComplete: true, removeOnFail: 3 }\n"

WORKER = """
import { Worker } from 'bullmq'

const connection = { url: process.env.REDIS_URL }
const limiter = { max: 5, duration: 1000 }
"""


@pytest.fixture
def verdict(lab, tmp_path):
    """What a judge says of a file with this code. It leaves neither key nor process nor file."""

    def of(judge, code: str) -> str:
        file = tmp_path / "answer.mjs"
        file.write_text(code, encoding="utf8")
        context = exercises._context
        keys = set(lab.redis.scan_iter(match=f"{root()}*"))
        processes, files = set(family(os.getpid())), set(context.folder.iterdir())
        try:
            said = judge(str(file), context)
        except NotYet as error:
            said = str(error)
        assert set(lab.redis.scan_iter(match=f"{root()}*")) <= keys
        assert set(context.folder.iterdir()) <= files
        assert soon(lambda: set(family(os.getpid())) <= processes)
        return said

    return of


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("throw new Error('mine')", "could not import answer.mjs: Error: mine (answer.mjs:2)."),
        ("throw 'a text'", "could not import answer.mjs: a text."),
        ("import { Worke } from 'bullmq'", "Named export 'Worke' not found"),
        ("process.exit(0)", "answer.mjs ended its whole process"),
        ("process.kill(process.pid, 'SIGKILL')", "answer.mjs ended its whole process"),
        ("console.log('x'.repeat(1e6)); setInterval(() => console.log('more'), 1)", "the latest 3 stayed"),
        ("import 'node:child_process'; import('node:child_process').then(m => m.spawn('sleep', ['60']))", "3 stayed"),
    ],
)
def test_whatever_the_file_does_while_it_is_imported(verdict, line, said):
    assert said in verdict(keep_three.judge, RIGHT + line)


@pytest.mark.parametrize("line", ["for (;;) ;", "await new Promise(() => {})"])
def test_a_file_that_never_ends_is_killed(verdict, line, monkeypatch):
    monkeypatch.setattr(javascript, "DEADLINE", 3.0)
    assert "was still at work after 3 s, and was killed" in verdict(keep_three.judge, RIGHT + line)


@pytest.mark.parametrize(
    ("options", "said"), [("jobId: 'one'", "were run to their end"), ("lifo: true", "the latest 3 stayed")]
)
def test_other_options(verdict, options, said):
    assert said in verdict(keep_three.judge, RIGHT.replace("{", f"{{ {options},"))


def test_a_worker_without_a_prefix(verdict, lab):
    code = f"{WORKER}new Worker('calls', async job => {{}}, {{ connection, limiter }})"
    before = set(lab.redis.scan_iter(match="bull:*"))
    assert "`prefix`" in verdict(one_limit.judge, code)
    assert set(lab.redis.scan_iter(match="bull:*")) == before  # also on a Redis of the reader's


def test_bullmq_that_is_not_set_up_is_no_fault_of_the_kits(lab, tmp_path, monkeypatch):
    monkeypatch.setattr(node, "READY", tmp_path / "not-there")
    node.node.cache_clear()
    file = tmp_path / "answer.mjs"
    file.write_text(RIGHT)
    try:
        with pytest.raises(LabError, match="In a terminal, in the kit's folder: make bullmq"):
            check("keep-three", str(file))
    finally:
        node.node.cache_clear()
