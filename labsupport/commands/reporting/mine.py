"""What the reader's copies of a lab hold that the kit's does not: words, and figures."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import nbformat
from IPython.core.inputtransformer2 import TransformerManager


@dataclass(frozen=True)
class Copy:
    """A notebook of the reader's. path: its file. cells: as nbformat has them."""

    path: Path
    cells: list[nbformat.NotebookNode]

    @property
    def code(self) -> list[str]:
        return [cell.source for cell in self.cells if cell.cell_type == "code"]


class Figure(NamedTuple):
    """png: in base64. says: the last line that its cell printed, for those who can't see it."""

    png: str
    says: str


def copies(lab: str, folder: Path) -> Iterator[Copy]:
    """The copies of this lab in a folder: the one that `make lab` opens, then the others, the newest first. A file that is no
    notebook is passed over."""
    paths = [path for path in folder.glob(f"{lab}*.ipynb") if path.is_file()]
    for path in sorted(paths, key=lambda path: (path.stem != lab, -path.stat().st_mtime)):
        try:
            cells = nbformat.read(path, as_version=4).cells
            if all(isinstance(cell.source, str) and cell.cell_type for cell in cells):
                yield Copy(path, cells)
        except (OSError, ValueError, AttributeError, KeyError, TypeError, nbformat.ValidationError):
            continue


def statements(code: str) -> list[ast.stmt]:
    """Of a cell, with `%` and `!`; none if it is not Python."""
    try:
        return ast.parse(TransformerManager().transform_cell(code)).body
    except (SyntaxError, ValueError):
        return []


def assigned(code: str, name: str) -> ast.expr | None:
    """What the cell last assigns to this name, or None."""
    found = [
        part.value
        for part in statements(code)
        if isinstance(part, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in part.targets)
    ]
    return found[-1] if found else None


def is_open(value: ast.expr | None) -> bool:
    """Whether it is the `...` of a stub."""
    return isinstance(value, ast.Constant) and value.value is ...


def answers(own: list[Copy]) -> list[str]:
    """What the reader wrote into `mine`, in the cells that compare it with a possible answer."""
    texts = []
    for code in (code for copy in own for code in copy.code if "compare(mine" in code):
        value = assigned(code, "mine")
        if value is not None and not is_open(value):
            is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
            texts.append(value.value if is_text else ast.unparse(value))
    return list(dict.fromkeys(text.strip() for text in texts))


def notes(own: list[Copy], shipped: Copy) -> list[str]:
    """Per cell of text that the reader changed or added, the lines that the kit's lab does not have."""
    theirs = {line.strip() for cell in shipped.cells for line in cell.source.splitlines()}
    texts = []
    for cell in (cell for copy in own for cell in copy.cells if cell.cell_type == "markdown"):
        texts.append(
            "\n".join(line for line in cell.source.splitlines() if line.strip() and line.strip() not in theirs)
        )
    return [text for text in dict.fromkeys(texts) if text]


def figures(own: list[Copy], shipped: Copy) -> list[Figure]:
    """Those that the reader's own runs drew, and not those that came with the lab."""
    theirs = {png for png, _ in _drawn(shipped)}
    found = {png: says for copy in own for png, says in _drawn(copy) if png not in theirs}
    return [Figure(png, says) for png, says in found.items()]


def _drawn(copy: Copy) -> Iterator[Figure]:
    for cell in copy.cells:
        outputs = cell.get("outputs", [])
        printed = "".join(output.get("text", "") for output in outputs if output.get("name") == "stdout").split("\n")
        says = next((line.strip() for line in reversed(printed) if line.strip()), "")
        for output in outputs:
            png = re.sub(r"\s", "", output.get("data", {}).get("image/png", ""))
            if re.fullmatch(r"[A-Za-z0-9+/]+=*", png):
                yield Figure(png, says)
