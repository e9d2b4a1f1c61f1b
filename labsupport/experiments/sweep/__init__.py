"""The crash sweep: kill an RQ worker right before each Redis command of one job, let RQ recover, and see what became of it.

    swept = sweep("lab08_jobs.deliver", "hello", delivered="lab08_jobs.delivered", retry=Retry(max=1))

`sweep_bullmq` does the same to BullMQ, and `sweep_program` to a program of the reader's own. All run on servers of their own,
so nothing of the lab's is touched. The counts are the same in every run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labsupport.errors import LabError
from labsupport.processes import node
from labsupport.processes.helper import Helper
from labsupport.waiting import wait_until

if TYPE_CHECKING:
    import pandas as pd
    from rq import Retry

__all__ = ["sweep", "sweep_bullmq", "sweep_program"]

_TIMES = {0: "never", 1: "once", 2: "twice"}

PATIENCE = 600
"""Seconds for one sweep."""


class _Sweeper(Helper):
    module = f"{__name__}.helper"
    # RQ reads its prefix when it is imported. These are servers of the sweep's own, whatever the notebook's is.
    environment = {"RQ_KEY_PREFIX": "rq", "NOTIFICATIONS_PREFIX": "notifications"}


def sweep(
    job: Callable[..., object] | str,
    *args: Any,
    delivered: Callable[..., int] | str = "",
    retry: Retry | None = None,
    queues: int = 1,
    kill: str = "both",
    fault: str = "kill",
    worker: str = "Worker",
    scheduler: bool = False,
    inside: bool = False,
    after: Collection[int] = (),
    points: Collection[int] | None = None,
) -> pd.DataFrame:
    """Enqueue `job(*args)`, start a worker, kill it right before one of its commands, and let others recover; for each command.

    job, delivered: functions of a module, or their dotted paths. `delivered(redis)` says how often the effect took place; by
        default it is how often the job function returned.
    queues: 2 for a worker that listens on another queue as well.
    kill: `both` the worker and its work-horse, `work-horse`, or `worker`.
    fault: `kill`, or `stop` for processes that hang, and go on when the others have finished.
    worker: a class of rq. scheduler: it has one.
    inside: the job function's own commands are crash points, too.
    after: the points at which earlier workers died: (30,) sweeps the one that comes after a crash at 30.
    points: only these; default: all.

    One row per crash point: point, sender, command, key; became (such as `once, finished`), delivered, promised (1), status and
    found (where the id is) of the job; runs of the function; history, the steps of all workers in their order.

    Raises LabError if the job can't be swept.
    """
    options = {
        "job": _dotted(job), "args": args, "delivered": _dotted(delivered), "retry": retry, "queues": queues, "kill": kill,
        "fault": fault, "worker": worker, "scheduler": scheduler, "inside": inside, "after": tuple(after),
    }  # fmt: skip
    return _swept("job", options, points)


def sweep_bullmq(
    file: str,
    data: object = None,
    *,
    attempts: int = 2,
    max_stalled_count: int = 1,
    inside: bool = False,
    after: Collection[int] = (),
    points: Collection[int] | None = None,
) -> pd.DataFrame:
    """Add a job to a queue of BullMQ, start a worker, kill it right before one of its commands, and let others recover.

    file: a JavaScript module. Its default export is the processor, `async job => …`. If it exports `delivered`, then
        `await delivered(redis)`, with a client of ioredis, says how often the effect took place; by default it is how often
        the processor returned. The Redis is the one of `process.env.REDIS_URL`.
    data: `job.data`, as JSON can carry it.
    attempts, max_stalled_count: BullMQ's `attempts` of the job, and `maxStalledCount` of each worker.
    inside: the processor's own commands are crash points, too.
    after: the points at which earlier workers died, and 0 for one that did not: (3, 0) sweeps the third worker.
    points: only these; default: all.

    The rows are those of `sweep`. A command that runs a script of BullMQ's is named after it, such as `moveToActive`; status
    is BullMQ's own word, such as `completed`.

    Raises LabError if the job can't be swept, or BullMQ is not set up.
    """
    node.node()
    if not Path(file).is_file():
        raise LabError(f"There is no file {file} in {Path.cwd().name}.\nRun the cell that writes it first.")
    options = {
        "file": os.path.abspath(file), "data": data, "attempts": attempts, "max_stalled_count": max_stalled_count,
        "inside": inside, "after": tuple(after), "folder": str(_Sweeper.mine().folder),
    }  # fmt: skip
    return _swept("bullmq", options, points)


def sweep_program(
    run: Callable[..., object] | str,
    *,
    then: Callable[..., object] | str = "",
    delivered: Callable[..., int] | str,
    promised: Callable[..., int] | str = "",
    begin: Callable[..., object] | str = "",
    fault: str = "kill",
    points: Collection[int] | None = None,
    first_only: bool = False,
) -> pd.DataFrame:
    """Kill `run` right before each of its steps, to Redis or SQLite; after an hour, `then` is run, twice.

    Each is a function of a module, or its dotted path, and is called with a Redis client and a SQLite connection.
    then: what recovers; by default `run` again.
    delivered, promised: how often it took place, and how often it should have: 1 by default.
    begin: is called first, and nothing happens to it.
    first_only: end at the first point at which something was lost, or took place too often.

    The rows are those of `sweep`; `became` is `as promised`, `lost` or `too often`, and `raised` is the first exception of
    those that came after the crash, or empty.
    """
    options = {
        "run": _dotted(run), "then": _dotted(then) or _dotted(run), "delivered": _dotted(delivered),
        "promised": _dotted(promised), "begin": _dotted(begin), "fault": fault, "folder": str(_Sweeper.mine().folder),
    }  # fmt: skip
    return _swept("program", options, points, first_only=first_only)


def _dotted(function: Callable[..., object] | str) -> str:
    """Its dotted path. Raises LabError for what no other process can import."""
    path = function if isinstance(function, str) else f"{function.__module__}.{function.__qualname__}"
    if path.startswith("__main__."):
        raise LabError(
            f"{path.removeprefix('__main__.')} was typed into a notebook, where no worker finds it.\n"
            "Put it into a module (%%writefile my_jobs.py), and name it as my_jobs.…"
        )
    if path and "." not in path:
        raise LabError(f'"{path}" names no module: write it as "my_jobs.{path}".')
    return path


def _swept(
    case: str, options: dict[str, Any], points: Collection[int] | None, *, first_only: bool = False
) -> pd.DataFrame:
    import pandas as pd  # late: it is slow to load

    rows: list[dict[str, Any]] = []
    total: list[int] = []
    with _Sweeper.mine().client() as client:
        client.send(
            {
                "case": case,
                "options": options,
                "path": [os.getcwd(), *_readers_path()],
                "cwd": os.getcwd(),
                "points": None if points is None else list(points),
            }
        )

        def all_said() -> bool:
            while client.poll():
                said = client.recv()
                if said is None:
                    return True
                if isinstance(said, str):
                    raise LabError(f"It can't be swept. {said}")
                rows.append(said) if isinstance(said, dict) else total.append(said)
                if first_only and _first_is_known(rows, points):
                    return True
            return False

        try:
            wait_until(all_said, lambda: f"{len(rows)} of {max(total, default=0)} crash points", timeout=PATIENCE)
        except (EOFError, ConnectionResetError):
            raise LabError("The process that makes the sweeps has died. Run the cell again.") from None
    if first_only and _first_is_known(rows, points):
        last = min(row["point"] for row in rows if row["delivered"] != row["promised"])
        rows = [row for row in rows if row["point"] <= last]
    elif not total or len(rows) != total[0]:
        raise LabError(f"The sweep ended early, after {len(rows)} of {max(total, default=0)} crash points.")
    for row in rows:
        row["became"] = _became(**row)
    print(f"{len(rows)} crash points")
    first = ["point", "sender", "command", "key", "became"]
    if not rows:  # it takes no step
        return pd.DataFrame(columns=first)
    swept = pd.DataFrame(rows).sort_values("point", ignore_index=True)
    return swept[first + [column for column in swept if column not in first]]


def _first_is_known(rows: list[dict[str, Any]], points: Collection[int] | None) -> bool:
    """Whether something went wrong, and all points before it are done: two processes share them."""
    wrong = [row["point"] for row in rows if row["delivered"] != row["promised"]]
    if not wrong:
        return False
    before = range(1, min(wrong)) if points is None else [point for point in points if point < min(wrong)]
    return {row["point"] for row in rows} >= set(before)


def _became(promised: int, delivered: int, status: str, **_: Any) -> str:
    if status:
        return f"{_TIMES.get(delivered, f'{delivered} times')}, {status}"
    return "as promised" if delivered == promised else "lost" if delivered < promised else "too often"


def _readers_path() -> list[str]:
    """Where the notebook finds its modules beyond what every process of this Python finds."""
    return [path for path in sys.path if path and Path(path).is_dir() and "site-packages" not in path]
