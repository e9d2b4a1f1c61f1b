"""What the exercises on a reader's own queue share."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from labsupport.exercises.exercise import NotYet
from labsupport.exercises.lab08.crashed import first_bad, program, told

FILE = "lab08_queue.py"

FUNCTIONS = {
    "put": ("redis", "message"),
    "reserve": ("redis",),
    "acknowledge": ("redis", "message", "token"),
}


def all_written(*, begin: str = "put_and_lease", points: Iterable[int] | None = None) -> pd.DataFrame:
    """Raise NotYet unless later workers write what one that was killed at any step has left. begin: see `examiner`."""
    options = {"begin": f"examiner.{begin}", "promised": "examiner.two"}
    rows = program("examiner.work", delivered="examiner.written", points=points, **options)
    if (bad := first_bad(rows)) is None:
        return rows
    again = program("examiner.work", delivered="examiner.kept", points=[int(bad["point"])], **options)
    where = "It is still in Redis, where no worker looks" if first_bad(again) is None else "It is nowhere in Redis"
    if bad["raised"]:
        where = f"The next worker raised {bad['raised'].rstrip('.')}"
    who = "Killed" if begin == "put_and_lease" else "One had taken a message and died. When a second one was killed"
    raise NotYet(
        f"{who} before step {bad['point']}, a message is not written by the workers that come an hour and two hours later. "
        f"{told(bad)}. {where}."
    )
