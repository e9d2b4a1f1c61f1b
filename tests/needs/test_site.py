"""`make site`: it is really built, and every link on its pages is followed. `make test-compare` runs it.

Needs a package index, for packages that the kit itself does not need: a marker keeps it out of `make test`.
"""

import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from PIL import Image

from labsupport.exercises.course import COURSE
from labsupport.paths import CHECKOUT

pytestmark = pytest.mark.needs_index

SITE = CHECKOUT / "_site" / "html"


class Page(HTMLParser):
    """What is on a page: `tags`, each with its attributes; and `ids`, which a link can lead to."""

    def __init__(self, file: Path):
        super().__init__()
        self.file, self.tags = file, []
        self.feed(file.read_text(encoding="utf8"))
        self.ids = {attributes["id"] for _, attributes in self.tags if "id" in attributes}

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def count(self, tag: str, css_class: str = "") -> int:
        return sum(found == tag and css_class in (its.get("class") or "") for found, its in self.tags)

    def links(self):
        """(tag, URL), of links and of all that is loaded with the page."""
        for tag, attributes in self.tags:
            for name in ("href", "src"):
                if attributes.get(name) is not None:
                    yield tag, urlsplit(attributes[name])


@pytest.fixture(scope="module")
def pages() -> dict[Path, Page]:
    run = subprocess.run(["make", "site"], cwd=CHECKOUT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    # The theme's own files have templates among them.
    return {file: Page(file) for file in SITE.rglob("*.html") if "_static" not in file.parts}


def test_every_link_inside_leads_somewhere(pages):
    followed, wrong = 0, []
    for page in pages.values():
        for _, url in page.links():
            if url.scheme or url.netloc:
                continue
            file = (page.file.parent / unquote(url.path)).resolve() if url.path else page.file
            anchor = unquote(url.fragment)
            followed += 1
            if not file.is_file() or (anchor and file in pages and anchor not in pages[file].ids):
                wrong.append((page.file.name, url.geturl()))
    print(f"{len(pages)} pages, {followed} links")
    assert not wrong


def test_every_image_is_one(pages):
    images = {page.file.parent / url.path for page in pages.values() for tag, url in page.links() if tag == "img"}
    for file in images:
        with Image.open(file) as image:
            image.verify()


def test_nothing_is_loaded_from_the_internet(pages):
    """Only links lead there, for whoever clicks on them."""
    loaded = {(tag, url.geturl()) for page in pages.values() for tag, url in page.links() if tag != "a" and url.netloc}
    assert not loaded


def words(cell) -> list[str]:
    """The alternative texts of a cell's figures."""
    metadata = [output.get("metadata", {}) for output in cell.outputs]
    return [its["image/png"]["alt"] for its in metadata if "image/png" in its]


@pytest.mark.parametrize("lab", COURSE, ids=lambda lab: lab.notebook)
def test_a_lab_is_whole(pages, lab):
    """Every cell, box and figure, and the pages before and after it."""
    page = pages[SITE / "notebooks" / f"{lab.notebook}.html"]
    notebook = nbformat.read(CHECKOUT / "notebooks" / f"{lab.notebook}.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    outputs = [output.get("data", {}) for cell in code for output in cell.outputs]
    text = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert page.count("div", "cell_input") == len(code)
    assert page.count("details") == text.count("<details>")
    assert page.count("table", "dataframe") == sum("<table" in "".join(data.get("text/html", "")) for data in outputs)
    figures = [its for tag, its in page.tags if tag == "img" and "_images" in its["src"]]
    assert len(figures) == sum("image/png" in data for data in outputs) > 0
    given = [". ".join(words(cell)) for cell in code for _ in words(cell)]
    assert [its["alt"] for its in figures] == given, "the words that the lab gave it"


def test_the_title_page_is_the_readme_and_leads_to_every_lab(pages):
    title = pages[SITE / "index.html"]
    there = {url.path for tag, url in title.links() if tag == "a"}
    assert {f"notebooks/{lab.notebook}.html" for lab in COURSE} <= there
