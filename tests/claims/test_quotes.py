"""The sentences on BullMQ that a claim quotes are those of its notebook: an edited sentence has to be tested anew."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from labsupport.paths import CHECKOUT, NOTEBOOKS

FILES = sorted(Path(__file__).parent.glob("test_bullmq_lab*.py"))


def plain(text: str) -> str:
    """Words alone: a quote may leave out what makes a table or a link."""
    return " ".join(re.findall(r"\w+", text))


def quotes(file: Path) -> list[str]:
    functions = [node for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef)]
    told = " ".join(ast.get_docstring(node) or "" for node in functions if node.name.startswith("test"))
    return [part for quote in re.findall(r'"([^"]{15,})"', told) for part in quote.split("…")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_quoted_is_said(file):
    (notebook,) = NOTEBOOKS.glob(f"{file.stem[-2:]}-*.ipynb")
    said = [cell.source for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "markdown"]
    said += [code.read_text() for code in (CHECKOUT / "labsupport" / "notifications").glob("*.py")]
    everything = plain(" ".join(said))
    assert quotes(file)
    assert [quote for quote in quotes(file) if plain(quote) not in everything] == []
