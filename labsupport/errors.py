"""Errors as a reader meets them: what is wrong, and the fix, in a few lines."""

import linecache
import site
import sysconfig
import traceback
from collections.abc import Callable
from pathlib import Path

INSTALLED = (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"), *site.getsitepackages())
HERE = str(Path(__file__).resolve().parent)


class LabError(Exception):
    """Something the reader can fix. The message says what is wrong and what to do."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows these lines instead of a traceback."""
        return [str(self)]


def keep_tracebacks_short(shell, explain: Callable[[Exception], str | None]) -> None:
    """Let `shell` (an IPython shell) show errors without the insides of RQ, redis-py and this kit.

    What `explain(error)` can explain, such as a lost Redis, is what it says. Any other error shows the lines of the
    reader's own code that led to it. `%tb` shows the whole traceback, as IPython would have.
    """

    def show(shell, kind, error, trace, tb_offset=None):
        if isinstance(error, LabError):
            lines = error._render_traceback_()
        elif explanation := explain(error):
            lines = explanation.splitlines()
        else:
            lines = [*_own_lines(trace), *"".join(traceback.format_exception_only(kind, error)).splitlines()]
            lines.append("(%tb in a cell shows the whole traceback.)")
        # ipykernel's own way to send an error to the notebook, so that Run All stops here.
        shell._showtraceback(kind, error, lines)
        return lines

    shell.set_custom_exc((Exception,), show)


def _own_lines(trace) -> list[str]:
    """The steps through code that is neither installed nor this kit's: the cell, and files beside it."""
    lines = []
    for frame, number in traceback.walk_tb(trace):
        name = frame.f_code.co_filename
        if not name.startswith((*INSTALLED, HERE, "<frozen")):
            where = "in this cell" if "ipykernel" in name else Path(name).name
            lines.append(f"{where}, line {number}:    {linecache.getline(name, number).strip()}")
    return lines
