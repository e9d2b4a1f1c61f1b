"""Sphinx' configuration for `make site`: the labs as pages to read, as they are stored. Nothing is executed."""

import json

project = html_title = "Background jobs, learned by running them"
root_doc = "README"
include_patterns = ["*.md", "classroom/README.md", "labsupport/notifications/README.md", "notebooks/*.ipynb"]
exclude_patterns = [".*", "_site", "my-labs"]
extensions = ["myst_nb"]
nb_execution_mode = "off"
nb_render_image_options = {"alt": "Figure: the text beside it says what it shows"}
html_theme = "sphinx_book_theme"
html_theme_options = {"navbar_persistent": [], "footer_content_items": []}  # a second search box, and an author
html_static_path = html_css_files = ["pages.css"]
suppress_warnings = ["misc.highlighting_failure"]  # cells that hold JavaScript or a command of the shell

CONTENTS = """
```{toctree}
:hidden:
:glob:

notebooks/*
labsupport/notifications/README
classroom/README
CHANGELOG
CONTRIBUTING
```
"""


def prepare(app, page: str, source: list[str]) -> None:
    """Give the title page the list of all pages, and each figure the alternative text that its output has."""
    if page == root_doc:
        source[0] += CONTENTS
    if page.startswith("notebooks/"):
        notebook = json.loads(source[0])
        for cell in notebook["cells"]:
            # MyST-NB takes it from the cell, and not from the output: each of two figures has the words of both.
            outputs = cell.get("outputs", [])
            if alts := [
                output["metadata"]["image/png"]["alt"]
                for output in outputs
                if "image/png" in output.get("metadata", {})
            ]:
                cell["metadata"]["mystnb"] = {"image": {"alt": ". ".join(alts)}}
        source[0] = json.dumps(notebook)


def setup(app) -> None:
    app.connect("source-read", prepare)
