"""What is compared: a library, how its workers are started, and what it promises."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One way to run a library's workers.

    module: in `tools.compare.libraries`: the application, with `enqueue(job, number)`.
    commands: each is started once.
    processes: how many run jobs. A fork that lives for one job does not count, its parent does.
    at_once: how many jobs run at the same time.
    how: the same in words.
    late: whether a job is acknowledged when it is done, and not when it is taken.
    setting: what makes it so.
    wait: the setting that says how long a job whose worker died waits for another, and its default in seconds; None if
        no setting brings it back.
    environment: what chooses between the rows of one module.
    taken: the key of jobs that were taken and are not acknowledged yet, where such a job is in Redis for a moment even if
        it is acknowledged early.
    """

    name: str
    library: str
    module: str
    commands: tuple[tuple[str, ...], ...]
    at_once: int
    how: str
    late: bool
    setting: str
    wait: tuple[str, float] | None = None
    processes: int = 2
    forks: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    taken: str = ""
    when_killed: tuple[tuple[str, ...], ...] = ()
    """The commands with which a job of a dead worker comes back soon, if they are others. (The modules read the
    environment variable REDELIVER_AFTER, in seconds, for settings of the application.)"""


def program(name: str) -> str:
    """A program of this environment."""
    return str(Path(sys.executable).with_name(name))
