"""The one line that every notebook begins with.

from labsupport.lab import check, hint, open_lab, outcome, quiz, solution

lab = open_lab()
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from labsupport import namespace
from labsupport.errors import LabError, keep_tracebacks_short
from labsupport.exercises import check, hint, outcome, progress, quiz, solution
from labsupport.exercises.course import of_this_kernel
from labsupport.measure.alternative import give_figures_words

if TYPE_CHECKING:
    from labsupport.session import Lab

__all__ = ["check", "hint", "open_lab", "outcome", "quiz", "solution"]

_lab: Lab | None = None


def open_lab() -> Lab:
    """The notebook's lab, at its beginning: run it again to begin again. Prints which Redis it uses.

    Raises LabError, in one or two lines, if there is no Redis to be had, or if this is not the kit's own environment.
    """
    global _lab
    names = namespace.claim()
    try:
        from labsupport.session import Lab  # RQ comes with it, and reads its key prefix then: so, after the line above
    except ImportError as error:
        raise LabError(
            f"{sys.prefix} has other packages than the kit: {error}\n"
            "Open the labs with make lab, and choose Kernel → Change Kernel → Python 3 (ipykernel)."
        ) from None

    with contextlib.suppress(NameError):
        shell = get_ipython()  # noqa: F821
        keep_tracebacks_short(shell, lambda error: _lab.explain(error) if _lab else None)
        give_figures_words(shell)
    if _lab is None:
        _lab = Lab(names)
    _lab.open()
    print(_lab)
    if notebook := of_this_kernel():
        progress.note("opened", notebook)
    return _lab
