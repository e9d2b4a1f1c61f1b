"""Notebooks as files, and many at once. (What they print, nbval compares.)"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import nbval.kernel
import pytest

from labsupport.exercises.course import COURSE
from tests.kernels import SET_UP, Kernel, alive, family, soon
from tools import refresh
from tools.refresh import NOTEBOOKS, normalized, sanitized

LABS = [NOTEBOOKS / f"{lab.notebook}.ipynb" for lab in COURSE]


@pytest.fixture(params=LABS, ids=lambda path: path.stem)
def stored(request):
    return nbformat.read(request.param, as_version=4)


def sources(notebook) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_files_are_normal(stored):
    """As `make refresh` writes them: no metadata of a machine, no path, no colour code, executed in order."""
    before = json.dumps(stored, sort_keys=True)
    assert json.dumps(normalized(stored), sort_keys=True) == before
    counts = [cell.execution_count for cell in stored.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    written = "".join(str(output) for cell in stored.cells for output in cell.get("outputs", []))
    for unwanted in ("/home/", "/root/", "/tmp/", "/Users/", str(NOTEBOOKS.parent), "\\x1b["):
        assert unwanted not in written


def test_stored_outputs_with_html_have_it_as_text_too(stored):
    """So nbval need not compare it. Of a figure, the file has the picture once, and as code hosts show it."""
    for output in (output for cell in stored.cells for output in cell.get("outputs", [])):
        data = output.get("data", {})
        assert "text/html" not in data or ("text/plain" in data and "image/png" not in data)


def test_a_figure_is_stored_once_with_its_alternative_text():
    data = {"image/png": "iVBORw0KGgo=", "text/html": '<img alt="5 &lt; 6">', "text/plain": "<Figure>"}
    shown = nbformat.v4.new_output("display_data", data)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[shown])])
    for _ in range(2):  # the second time, it is the stored one
        (output,) = normalized(notebook).cells[0].outputs
        assert sorted(output.data) == ["image/png", "text/plain"]
        assert output.metadata == {"image/png": {"alt": "5 < 6"}}


def test_every_stored_figure_has_words(stored):
    for output in (output for cell in stored.cells for output in cell.get("outputs", [])):
        if "image/png" in output.get("data", {}):
            assert " " in output.metadata["image/png"]["alt"]


def test_a_quiz_with_other_numbers_says_the_same():
    def shown(number):
        output = nbformat.v4.new_output(
            "display_data", {"text/plain": "4 questions", "text/html": f"<ol>{number}</ol>"}
        )
        return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])])

    assert refresh.texts(shown(1)) == refresh.texts(shown(2))


def test_every_lab_begins_alike_and_has_something_to_see(stored):
    assert sources(stored)[0] == SET_UP
    assert not any("NBVAL_SKIP" in source for source in sources(stored))
    figures = sum("image/png" in output.get("data", {}) for cell in stored.cells for output in cell.get("outputs", []))
    assert figures >= 2


def test_six_kernels_at_once(tmp_path):
    """Each with its own server and worker; none in another's way, none left."""
    work = SET_UP + (
        "\nfrom rq import Queue\nqueue = Queue('q', connection=lab.redis)\njob = queue.enqueue('operator.add', 1, 2)"
        "\nlab.workers(queue, burst=True).wait()\nprint(lab._server.port, job.return_value(), len(lab.attempts()))"
    )
    with ThreadPoolExecutor(6) as pool:
        kernels = list(pool.map(lambda _: Kernel(tmp_path), range(6)))
        try:
            answers = [answer.splitlines()[-1].split() for answer in pool.map(lambda k: k.run(work, 120), kernels)]
            processes = [pid for kernel in kernels for pid in family(kernel.pid)]
            assert len(processes) >= 12  # a server each, on its leash
        finally:
            list(pool.map(lambda k: k.kill(), kernels))
    assert len({port for port, _, _ in answers}) == 6
    assert all(rest == ["3", "1"] for _, *rest in answers)
    assert soon(lambda: not alive(processes)), alive(processes)


def test_kernels_of_the_tests_take_no_ports():
    """A port that was picked for one may be another's by the time it takes it."""
    manager, client = nbval.kernel.start_new_kernel()
    client.stop_channels()
    try:
        assert all(Path(f"{manager.ip}-{port}").is_socket() for port in manager.ports)
    finally:
        manager.shutdown_kernel(now=True)


def test_sanitizer_hides_what_varies_and_nothing_else():
    first = "Valkey 9.1.2 at 127.0.0.1:40199, this notebook's own · 2 cores\n10 jobs waiting, 0 left after 3.9 s"
    second = "Redis 7.0.15 at localhost:6379, the one of REDIS_URL · 16 cores\n10 jobs waiting, 0 left after 12.25 s"
    assert sanitized(first) == sanitized(second)
    assert sanitized("10 jobs: 9 finished") != sanitized("10 jobs: 10 finished")
    assert sanitized("jobs-lab:0123abcd:rq:queues") == "rq:queues"
    assert sanitized("<Figure size 800x700 with 4 Axes>") == sanitized("<Figure size 800x720 with 4 Axes>")
    sources = ["~/.jobs-lab/48209.env", "~/.jobs-lab/0123abcd.env", "/tmp/jobs-lab-0q_1x2y/terminal.env"]
    assert {sanitized(f"$ source {file}") for file in sources} == {"$ source FILE.env"}
    assert sanitized("… 2 s: 1 queued\r                \r3 jobs: 3 finished").endswith("3 jobs: 3 finished")


def test_refresh_keeps_a_notebook_that_says_the_same(tmp_path, monkeypatch):
    """A run elsewhere stores nothing; a changed text stores the whole run."""
    monkeypatch.setattr(refresh, "NOTEBOOKS", tmp_path)
    path = tmp_path / "a.ipynb"
    cell = nbformat.v4.new_code_cell("import time\nprint(time.perf_counter(), 's')\nprint('3 jobs')")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    assert refresh.refresh(path, False) == "stored anew"
    once = path.read_bytes()
    assert refresh.refresh(path, False) == "as it was"
    assert path.read_bytes() == once
    changed = nbformat.read(path, as_version=4)
    changed.cells[0].outputs[0].text = changed.cells[0].outputs[0].text.replace("3 jobs", "4 jobs")
    nbformat.write(changed, path)
    assert refresh.refresh(path, False) == "stored anew"
    assert "3 jobs" in refresh.texts(nbformat.read(path, as_version=4))[0][1]
