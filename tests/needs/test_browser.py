"""The labs in a real JupyterLab, driven by a real browser: `make test-browser`.

Needs Playwright and Debian's Chromium, which a fresh machine does not have: a marker keeps it out of `make test`.
Screenshots are kept in `artefacts/`, to be looked at.
"""

from __future__ import annotations

import base64
import json
import os
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
from labsupport.paths import CHECKOUT, NOTEBOOKS
from tests.kernels import alive, family, soon
from tools import refresh

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.needs_browser

FIGURES = ".jp-OutputArea-output img[src^='data:image/png']"

OURS = [".jp-OutputArea-output", ".jp-MarkdownOutput"]
"""What a lab puts into JupyterLab's page; the rest is JupyterLab's own."""

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

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


def run_all(page: Page, done: Callable[[], bool], within: float = 300) -> None:
    """Run → Run All Cells, until `done()`, which must be true in so many seconds.

    While JupyterLab settles, the menu does nothing; and when it renews its connection, it loses what the kernel said, and
    shows cells as running that have long ended. Then the kernel is idle, and it is asked again.
    """
    end = time.monotonic() + within
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
    end = time.monotonic() + 30
    while True:
        try:
            return nbformat.read(path, as_version=4)
        except nbformat.reader.NotJSONError:  # it is being written just now
            if time.monotonic() > end:
                raise
            page.wait_for_timeout(100)


def code(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("lab", COURSE, ids=lambda lab: lab.notebook)
def test_run_all(page, jupyter, lab):
    stored = nbformat.read(NOTEBOOKS / f"{lab.notebook}.ipynb", as_version=4)
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
    first = page.locator(FIGURES).first
    first.scroll_into_view_if_needed()
    assert first.evaluate("picture => picture.naturalWidth") > 500
    page.screenshot(path=PICTURES / f"{lab.notebook}.png")
    alternatives = page.locator(FIGURES).evaluate_all("pictures => pictures.map(picture => picture.alt)")
    assert len(alternatives) == figures(stored)
    assert all(len(alternative) > 20 for alternative in alternatives), alternatives
    everyone_can_read_it(page)
    if lab.notebook == "07-observe":
        panel_is_drawn(page)
    if lab.notebook == "10-ship":
        dashboard_shows_the_failed_job(page)


def everyone_can_read_it(page: Page) -> None:
    """axe finds nothing wrong in what is ours. What it finds in the rest of the notebook is printed."""
    from axe_playwright_python.sync_playwright import Axe

    rules = {"runOnly": WCAG, "resultTypes": ["violations"], "rules": {"tabindex": {"enabled": True}}}
    found = {"ours": [], "JupyterLab's": []}
    for violation in Axe().run(page, ".jp-Notebook", rules).response["violations"]:
        for node in violation["nodes"]:
            # A widget is drawn by ipywidgets, whose pictures have no alternative text; and the boxes of a list of
            # things to do by JupyterLab, which puts the text beside them, and not into a label.
            ours = page.locator(node["target"][-1]).first.evaluate(
                "(node, ours) => node.closest(ours) && !node.closest('.jupyter-widgets') && !node.matches('input[disabled]')",
                ", ".join(OURS),
            )
            found["ours" if ours else "JupyterLab's"].append((violation["id"], node["html"][:200]))
    print("JupyterLab's own:", sorted({rule for rule, _ in found["JupyterLab's"]}))
    assert not found["ours"]


def panel_is_drawn(page: Page) -> None:
    """The live panel is no text: it has a slider, and a picture that was drawn."""
    # JupyterLab hides cells that are far away, so they are in the page and cannot be seen from here.
    picture = page.locator("img.widget-image").first
    expect(picture).to_be_attached(timeout=20_000)
    assert picture.evaluate("picture => picture.naturalWidth") > 500
    assert "waiting, the oldest for" in page.locator(".jupyter-widgets.widget-label", has_text="waiting").text_content()
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


def test_a_lab_by_keyboard_alone(page, jupyter):
    """Shift+Enter goes through it from the first cell to the last, and every cell runs in its turn."""
    path = open_lab(page, jupyter, "00-start-here")
    untouched = nbformat.read(path, as_version=4)
    active = page.locator(".jp-Notebook .jp-Cell.jp-mod-active")

    def in_turn() -> bool:
        counts = [cell.execution_count for cell in code(saved(page, path))][: len(code(untouched))]
        return None not in counts and counts == [*range(counts[0], counts[0] + len(counts))]

    for _ in range(3):  # JupyterLab may lose what the kernel said, as in `run_all`
        page.locator(".jp-Notebook .jp-Cell").first.click()
        page.keyboard.press("Escape")
        for number in range(len(untouched.cells)):
            assert active.get_attribute("data-windowed-list-index") == str(number)
            page.keyboard.press("Shift+Enter")
        page.keyboard.press("Escape")
        if soon(in_turn, within=60):
            return
    raise AssertionError("the cells did not run in their turn")


def theme(page: Page, name: str) -> None:
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.get_by_text("Theme", exact=True).first.hover()
    page.get_by_text(name, exact=True).first.click()
    light = "true" if name.endswith("Light") else "false"
    expect(page.locator(f"body[data-jp-theme-light='{light}']")).to_be_attached(timeout=20_000)
    page.wait_for_timeout(1000)


def test_in_the_dark_and_at_200_percent(page, jupyter):
    """01-enqueue has figures and tables. At 200 %, a page has half the width and height."""
    path = open_lab(page, jupyter, "01-enqueue")
    run_all(page, lambda: all(cell.execution_count for cell in code(saved(page, path))))
    theme(page, "JupyterLab Dark")
    try:
        everyone_can_read_it(page)
        for kind, what in (("figure", FIGURES), ("table", "table.dataframe")):
            page.locator(what).first.scroll_into_view_if_needed()
            page.screenshot(path=PICTURES / f"dark-{kind}.png")
    finally:
        theme(page, "JupyterLab Light")
    before = page.viewport_size
    wide = page.locator(FIGURES).first.evaluate("picture => picture.clientWidth")
    page.set_viewport_size({side: length // 2 for side, length in before.items()})
    try:
        for kind, what in (("figure", FIGURES), ("table", "table.dataframe")):
            page.locator(what).first.scroll_into_view_if_needed()
            page.screenshot(path=PICTURES / f"large-{kind}.png")
        # What is wider than the page can be scrolled, and a figure is larger than it was.
        cut = page.locator(".jp-OutputArea-output").evaluate_all(
            "outputs => outputs.filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX != 'auto')"
            ".map(one => one.outerHTML.slice(0, 200))"
        )
        assert not cut
        assert 2 * page.locator(FIGURES).first.evaluate("picture => picture.clientWidth") > 1.4 * wide
    finally:
        page.set_viewport_size(before)


def as_seen(notebook) -> str:
    """JupyterLab stores what is left of a progress line: blanks at the end of the line that took its place."""
    return re.sub(r" +\\n", r"\\n", repr(refresh.texts(notebook)))


@pytest.mark.parametrize("locale", ["de-DE", "ja-JP"])
def test_a_browser_in_another_language(page, jupyter, locale):
    stored = nbformat.read(NOTEBOOKS / "01-enqueue.ipynb", as_version=4)
    page.goto("about:blank")  # two pages would write one file
    there = page.context.browser.new_context(locale=locale, viewport={"width": 1280, "height": 1000})
    try:
        abroad = there.new_page()
        path = open_lab(abroad, jupyter, "01-enqueue")
        run_all(abroad, lambda: all(cell.execution_count for cell in code(saved(abroad, path))))
        assert as_seen(refresh.normalized(saved(abroad, path))) == as_seen(stored)
    finally:
        there.close()


@pytest.mark.parametrize("locale", ["de_DE", "ja_JP"])
@pytest.mark.parametrize("lab", ["01-enqueue", "05-schedule"])
def test_a_kernel_in_another_language(lab, locale, tmp_path):
    """Commas for points, and other names of days: nothing that a lab prints depends on them."""
    made = ["localedef", "-i", locale, "-f", "UTF-8", str(tmp_path / f"{locale}.UTF-8")]
    subprocess.run(made, check=True)  # Debian's package `locales` has it
    language = {"LOCPATH": str(tmp_path), "LANG": f"{locale}.UTF-8", "LC_ALL": f"{locale}.UTF-8"}
    check = "import locale; print(locale.setlocale(locale.LC_ALL, ''))"
    used = subprocess.run([sys.executable, "-c", check], env={**os.environ, **language}, capture_output=True, text=True)
    assert used.stdout.strip() == f"{locale}.UTF-8"
    stored = nbformat.read(NOTEBOOKS / f"{lab}.ipynb", as_version=4)
    ran = nbformat.read(NOTEBOOKS / f"{lab}.ipynb", as_version=4)
    refresh.execute(ran, NOTEBOOKS, LAB_PROGRESS=str(tmp_path / "progress.json"), REDIS_URL="", **language)
    assert refresh.texts(ran) == refresh.texts(stored)
