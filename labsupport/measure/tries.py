"""What became of each try to enqueue a job: a table, and what follows from it and the table of attempts.

One row per try: `sent` and `answered` in seconds since the epoch; `job`, its id, or empty when it was refused; `error`, the
name of what refused it, or empty.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd

COLUMNS = ["sent", "answered", "job", "error"]


def of_requests(requests: pd.DataFrame) -> pd.DataFrame:
    """The requests of `labsupport.measure.load.open_loop` as tries. One that was answered 2xx was accepted."""
    status = requests["status"]
    accepted = status // 100 == 2
    return pd.DataFrame(
        {
            "sent": requests["due"],
            "answered": requests["answered"],
            "job": requests["job"].where(accepted, ""),
            "error": status.astype(str).where(~accepted, ""),
        }
    )


class Counts(NamedTuple):
    """Of some tries. Each was accepted or refused; each that was accepted is finished or lost.

    repeated: jobs that finished more than once.
    done_all_the_same: jobs that finished although nobody was told that they were accepted: their answer was lost.
    """

    tried: int
    refused: int
    accepted: int
    lost: int
    repeated: int
    done_all_the_same: int


def counts(tries: pd.DataFrame, attempts: pd.DataFrame) -> Counts:
    """Count them. attempts: of all jobs that came into being since the first try, read when no job is left."""
    accepted = set(tries["job"]) - {""}
    finished = attempts.loc[attempts["outcome"] == "finished", "job"].value_counts()
    return Counts(
        tried=len(tries),
        refused=int((tries["job"] == "").sum()),
        accepted=len(accepted),
        lost=len(accepted - set(finished.index)),
        repeated=int((finished > 1).sum()),
        done_all_the_same=len(set(finished.index) - accepted),
    )


def away(tries: pd.DataFrame) -> tuple[float, float]:
    """When the first try was sent that was refused, and when a later one than all of these was accepted.

    In seconds since the epoch. The second is infinite if none was; both are infinite if none was refused.
    """
    refused = tries.loc[tries["job"] == "", "sent"]
    if refused.empty:
        return math.inf, math.inf
    again = tries[(tries["sent"] > refused.max()) & (tries["job"] != "")]
    return float(refused.min()), float(again["answered"].min()) if len(again) else math.inf
