"""Where things are in a checkout of the kit."""

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
NOTEBOOKS = CHECKOUT / "notebooks"
"""The course as it is shipped."""

MY_LABS = CHECKOUT / "my-labs"
"""The reader's own copies and progress; git ignores it."""

FIGURES = CHECKOUT / "labsupport" / "measure" / "plots" / "matplotlibrc"
"""How figures of the labs look."""
