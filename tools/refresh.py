"""Runs the notebooks again and stores what they print: `make refresh`.

A notebook whose code is the same and whose outputs are the same but for what `sanitize.cfg` names keeps its
stored outputs, figures included, so that a refresh on another machine changes nothing. One that differs
anywhere is stored whole from the new run: all numbers of a lab come from one run. `--all` stores all anew,
for when figures changed.
"""

import html
import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbval.plugin import coalesce_streams, get_sanitize_patterns

from labsupport.paths import CHECKOUT, NOTEBOOKS
from tests.kernels import AsyncFileKernelManager

PATTERNS = get_sanitize_patterns((CHECKOUT / "tests" / "sanitize.cfg").read_text(encoding="utf8"))


def sanitized(text: str) -> str:
    for pattern, replacement in PATTERNS:
        text = re.sub(pattern, replacement, text)
    return text


def execute(notebook: nbformat.NotebookNode, folder: Path, **environment: str) -> nbformat.NotebookNode:
    """Run a notebook's cells in order, in a kernel that starts in `folder`; the same object, with outputs."""
    client = NotebookClient(
        notebook,
        timeout=180,
        kernel_name="python3",
        kernel_manager_class=AsyncFileKernelManager,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env={**os.environ, **environment})
    return normalized(notebook)


def normalized(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Without what depends on the machine or the tool: metadata, timings, how a stream was cut into pieces."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02}"
        cell.metadata = nbformat.from_dict({"tags": cell.metadata.tags} if cell.metadata.get("tags") else {})
        if cell.cell_type == "code":
            cell.outputs = coalesce_streams(cell.outputs)
            for output in cell.outputs:
                if "metadata" in output:
                    output.metadata = nbformat.from_dict(_alternative_text(output))
                output.pop("transient", None)
                # A widget that is stored can't be shown: its model was the kernel's. Its text is.
                output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
                if "image/png" in output.get("data", {}):
                    output.data.pop("text/html", None)  # the same picture once more
    return notebook


def _alternative_text(output: nbformat.NotebookNode) -> dict:
    """Of a figure, for `make site`: as it was shown beside it, or as it was stored before."""
    shown = re.match(r'<img alt="([^"]*)"', output.get("data", {}).get("text/html", ""))
    stored = output.metadata.get("image/png", {}).get("alt")
    alt = html.unescape(shown[1]) if shown else stored
    return {"image/png": {"alt": alt}} if alt and "image/png" in output.data else {}


def texts(notebook: nbformat.NotebookNode) -> list:
    """What two runs must have in common, per code cell."""
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            seen = [cell.source]
            for output in cell.outputs:
                seen += [sanitized(output.get("text", ""))]
                seen += [
                    (kind, sanitized(str(data)))
                    for kind, data in sorted(output.get("data", {}).items())
                    if kind not in ("image/png", "text/html")  # HTML says what the text says; a quiz's has new numbers
                ]
                seen += ["figure"] * ("image/png" in output.get("data", {}))
            cells.append(seen)
    return cells


def refresh(path: Path, everything: bool) -> str:
    stored = nbformat.read(path, as_version=4)
    fresh = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as progress:
        execute(fresh, NOTEBOOKS, LAB_PROGRESS=str(Path(progress) / "progress.json"), REDIS_URL="")
    keep = not everything and texts(stored) == texts(fresh)
    before = path.read_bytes()
    nbformat.write(normalized(stored) if keep else fresh, path)
    return "as it was" if path.read_bytes() == before else "stored anew"


def main(arguments: list[str]) -> None:
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        print(f"{path.stem}: {refresh(path, '--all' in arguments)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
