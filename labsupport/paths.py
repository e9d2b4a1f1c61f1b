"""Where things are in a checkout of the kit.

LAB_WORK  the reader's own folder, if it is not `my-labs` in the checkout: for a kit that many share, such as `~/my-labs`
"""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
NOTEBOOKS = CHECKOUT / "notebooks"
"""The course as it is shipped."""

MY_LABS = Path(os.environ.get("LAB_WORK") or CHECKOUT / "my-labs").expanduser().absolute()
"""The reader's own copies and progress; git ignores it."""

FIGURES = CHECKOUT / "labsupport" / "measure" / "plots" / "matplotlibrc"
"""How figures of the labs look."""
