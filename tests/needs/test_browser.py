"""The labs in a real JupyterLab, driven by a real browser: `make test-browser`.

Needs Playwright and Debian's Chromium, which a fresh machine does not have: a marker keeps it out of `make test`.
Screenshots are kept in `artefacts/`, to be looked at.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from labsupport.exercises.course import COURSE
from labsupport.paths import CHECKOUT
from tests.kernels import alive, family, soon

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.needs_browser

PICTURES = CHECKOUT / "artefacts"
START = """
import sys
from pathlib import Path
from labsupport.commands import open_labs
open_labs.MY_LABS = Path(sys.argv[1])
open_labs.main(["--no-browser", "--port=0", "--ServerApp.token=secret"])
"""


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    """(URL with a trailing slash, the folder it shows) of a JupyterLab on copies of the labs."""
    folder = tmp_path_factory.mktemp("my-labs")
    started = subprocess.Popen([sys.executable, "-c", START, str(folder)], cwd=CHECKOUT, start_new_session=True)
    asked = [sys.executable, "-m", "jupyter", "--runtime-dir"]
    runtime = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    note = runtime / f"jpserver-{started.pid}.json"
    assert soon(lambda: note.exists() and note.read_text().endswith("}"), within=60)
    yield json.loads(note.read_text())["url"], folder
    below = family(started.pid)
    started.send_signal(signal.SIGTERM)
    started.wait(timeout=30)
    assert soon(lambda: not alive(below)), "a process outlived JupyterLab"


@pytest.fixture(scope="module")
def page():
    from playwright.sync_api import sync_playwright

    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"],
        )
        yield browser.new_page(viewport={"width": 1280, "height": 1000})
        browser.close()


def expect(locator):
    """Playwright's own. It is imported late: `make test`, on a machine that has no Playwright, only collects this file."""
    from playwright.sync_api import expect

    return expect(locator)


def open_lab(page: Page, jupyter: tuple[str, Path], name: str) -> Path:
    """Open a notebook, as one that was never run, and wait for its kernel. Returns its file."""
    url, folder = jupyter
    path = folder / "notebooks" / f"{name}.ipynb"
    untouched = nbformat.read(path, as_version=4)
    for cell in code(untouched):
        cell.outputs, cell.execution_count = [], None
    nbformat.write(untouched, path)
    page.goto(f"{url}lab/tree/notebooks/{name}.ipynb?token=secret&reset")
    expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=60_000)
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").first).to_be_visible(timeout=60_000)
    return path


def run_all(page: Page, done: Callable[[], bool]) -> None:
    """Run → Run All Cells, until `done()`.

    While JupyterLab settles, the menu does nothing; and when it renews its connection, it loses what the kernel said, and
    shows cells as running that have long ended. Then the kernel is idle, and it is asked again.
    """
    end = time.monotonic() + 300
    while time.monotonic() < end:
        page.locator(".jp-Notebook .jp-Cell").first.click()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        idle_since = time.monotonic()
        while time.monotonic() < min(idle_since + 10, end):
            page.wait_for_timeout(500)
            if done():
                return
            if not page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").count():
                idle_since = time.monotonic()
        page.keyboard.press("Escape")
    page.screenshot(path=PICTURES / "not-done.png")
    raise AssertionError("Run All Cells was not done: see artefacts/not-done.png")


def saved(page: Page, path: Path) -> nbformat.NotebookNode:
    """The notebook, as saved now."""
    page.keyboard.press("Control+s")
    page.wait_for_timeout(500)
    return nbformat.read(path, as_version=4)


def code(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("lab", COURSE, ids=lambda lab: lab.notebook)
def test_run_all(page, jupyter, lab):
    stored = nbformat.read(jupyter[1] / "notebooks" / f"{lab.notebook}.ipynb", as_version=4)
    path = open_lab(page, jupyter, lab.notebook)
    begun = time.monotonic()
    run_all(page, lambda: all(cell.execution_count for cell in code(saved(page, path))))
    done = saved(page, path)
    print(f"{lab.notebook}: Run All in {time.monotonic() - begun:.0f} s")
    kinds = [output.output_type for cell in code(done) for output in cell.outputs]
    assert "error" not in kinds

    def figures(notebook) -> int:
        return sum("image/png" in output.get("data", {}) for cell in code(notebook) for output in cell.outputs)

    assert figures(done) == figures(stored)
    # And they can be seen: scroll to each picture that JupyterLab has drawn.
    first = page.locator(".jp-RenderedImage img").first
    first.scroll_into_view_if_needed()
    assert first.evaluate("picture => picture.naturalWidth") > 500
    page.screenshot(path=PICTURES / f"{lab.notebook}.png")
    if lab.notebook == "07-observe":
        panel_is_drawn(page)
    if lab.notebook == "10-ship":
        dashboard_shows_the_failed_job(page)


def panel_is_drawn(page: Page) -> None:
    """The live panel is no text: it has a slider, and a picture that was drawn."""
    # JupyterLab hides cells that are far away, so they are in the page and cannot be seen from here.
    picture = page.locator("img.widget-image").first
    expect(picture).to_be_attached(timeout=20_000)
    assert picture.evaluate("picture => picture.naturalWidth") > 500
    expect(page.locator(".widget-slider").first).to_be_attached(timeout=20_000)


def dashboard_shows_the_failed_job(page: Page) -> None:
    """In a tab of its own, by the link in the notebook, after a login as a person does by the file that the cell names."""
    told = page.locator(".jp-OutputArea-output", has_text="the password is in").first.text_content()
    file = Path(re.search(r"the password is in (\S+\.env)", told).group(1)).expanduser()
    password = re.search(r"password (\w+)", file.read_text()).group(1)
    login = base64.b64encode(f"lab:{password}".encode()).decode()
    page.context.set_extra_http_headers({"Authorization": f"Basic {login}"})
    with page.context.expect_page() as opened:
        page.locator(".jp-OutputArea-output a", has_text="/view/jobs/notification-queue/failed").first.click()
    board = opened.value
    expect(board.get_by_text("send_notification").first).to_be_visible(timeout=20_000)
    board.screenshot(path=PICTURES / "dashboard.png")
    board.close()
    page.context.set_extra_http_headers({})


def test_an_exercise_as_a_person_does_it(page, jupyter):
    """Edit the cell, be wrong, ask for a hint, be right, and see it on the map."""
    open_lab(page, jupyter, "00-start-here")
    cell = page.locator(".jp-CodeCell", has_text='check("second-job", answer)')
    run_all(page, lambda: "Not attempted yet" in "".join(cell.locator(".jp-OutputArea-output").all_text_contents()))

    def answer(line: str) -> None:
        cell.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(f'{line}\n\ncheck("second-job", answer)')
        page.keyboard.press("Control+Enter")

    answer('answer = send_notification({"message": "Good morning"})')
    expect(cell.locator(".jp-OutputArea-output")).to_contain_text("Not yet. That is what send_notification returns")
    answer('answer = queue.enqueue(send_notification, {"message": "Good morning"})')
    expect(cell.locator(".jp-OutputArea-output")).to_contain_text("Right. A worker ran a copy of your job")
    page.screenshot(path=PICTURES / "exercise.png")
    progress = page.locator(".jp-CodeCell", has_text="course()")
    progress.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(progress.locator(".jp-OutputArea-output")).to_contain_text("1 of 1")
