"""Compares what RQ holds with what BullMQ's queue held, after a move that nothing happened to.

Read from rq 3.0 (registry.py): the scheduled registry's score is when a job is due, in whole seconds; the failed registry's is
when it is forgotten, or below zero for never.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from rq import Queue
from rq.job import Job

from labsupport.exercises.exercise import NotYet
from labsupport.exercises.judging import calls, jobs_of
from labsupport.exercises.lab11.move_it.moving import SEND
from labsupport.exercises.lab11.move_it.queues import Old

ZONE = 5.5 * 3600
"""Seconds by which the reader's function is east of Greenwich: see `move_it`."""

DAY = 24 * 3600

MILLISECONDS = 1e11
"""A time of our days is below it in seconds, and above it in milliseconds."""

PACKED = 1e14
"""And above this one, if it is packed as BullMQ packs it."""


@dataclass(frozen=True)
class RqState:
    """A queue of RQ's. waiting: ids, the next one first. scheduled, failed: id → score."""

    jobs: Sequence[Job]
    waiting: Sequence[str]
    scheduled: dict[str, float]
    failed: dict[str, float]

    @classmethod
    def of(cls, queue: Queue) -> RqState:
        """As it is now. Raises NotYet if a job is not written in JSON."""
        return cls(
            jobs_of(queue),
            [job_id.decode() for job_id in queue.connection.lrange(queue.key, 0, -1)],
            _scores(queue, queue.scheduled_job_registry.key),
            _scores(queue, queue.failed_job_registry.key),
        )


def _scores(queue: Queue, key: str) -> dict[str, float]:
    members = cast("list[tuple[bytes, float]]", queue.connection.zrange(key, 0, -1, withscores=True))
    return {job_id.decode(): score for job_id, score in members}


def pairs(old: Sequence[Old], state: RqState, api: Sequence[Job]) -> list[tuple[Old, Job]]:
    """Each job that was to be moved, and its job in RQ. Raises NotYet if one is missing, or there twice, or a stranger."""
    ours = {job.id for job in api}
    new = [job for job in state.jobs if job.id not in ours]
    if gone := ours - {job.id for job in state.jobs}:
        raise NotYet(
            f"{_counted(len(gone), 'job')} that the API had enqueued in RQ before {'is' if len(gone) == 1 else 'are'} gone. "
            "Leave what is in RQ as it is."
        )
    by_text: dict[str, list[Job]] = {one.text: [] for one in old}
    for job in new:
        said = str((job.args, job.kwargs))
        text = next((one.text for one in old if one.word in said), None)
        if text is None:
            raise NotYet(f"RQ has a job that BullMQ did not: {_call(job)}.")
        by_text[text].append(job)
    _all_here(state)
    for one in old:
        if len(by_text[one.text]) > 1:
            raise NotYet(f"{one} is in RQ {len(by_text[one.text])} times, with no crash at all.")
    moved = [one for one in old if one.state != "completed"]
    if not any(by_text[one.text] for one in moved):
        raise NotYet(f"After the move RQ holds none of the {len(moved)} jobs. Enqueue them on the queue that is given.")
    for state_name, what in (("waiting", "that waited"), ("delayed", "delayed"), ("failed", "failed")):
        of_it = [one for one in moved if one.state == state_name]
        missing = [one for one in of_it if not by_text[one.text]]
        if missing:
            said = "none" if len(missing) == len(of_it) else f"{len(of_it) - len(missing)}"
            jobs = f"jobs {what}" if what.startswith("that") else f"{what} jobs"
            raise NotYet(f"BullMQ had {len(of_it)} {jobs}, and RQ has {said} of them{_where(state_name)}.")
    if done := next((one for one in old if one.state == "completed" and by_text[one.text]), None):
        raise NotYet(
            f"{done} is in RQ, and would be sent again. A completed job has been done: leave it, or delete it."
        )
    return [(one, by_text[one.text][0]) for one in moved]


def _all_here(state: RqState) -> None:
    """Raise NotYet if an id leads to no job of this queue."""
    ids = {job.id for job in state.jobs}
    places = {
        "its queue": state.waiting,
        "the ScheduledJobRegistry": state.scheduled,
        "the FailedJobRegistry": state.failed,
    }
    for place, found in places.items():
        if strange := next((job_id for job_id in found if job_id not in ids), None):
            raise NotYet(
                f"RQ has the id {strange} in {place}, and no job of that id whose `origin` is this queue. A job that is made "
                "with Job.create needs origin=queue.name, and is in Redis once it is saved."
            )


def _where(state: str) -> str:
    return {
        "waiting": ": their ids are in the list `wait`",
        "delayed": ": their ids are in the sorted set `delayed`",
        "failed": ": their ids are in the sorted set `failed`",
    }[state]


def all_call(both: Sequence[tuple[Old, Job]]) -> None:
    """Raise NotYet unless each job calls send_notification with its data."""
    for one, job in both:
        values = [*job.args, *job.kwargs.values()]
        if job.func_name == SEND and len(values) == 1 and isinstance(values[0], str) and values[0] != one.text:
            raise NotYet(
                f"{one} calls send_notification with a string, {values[0][:60]!r}. BullMQ keeps data as JSON: json.loads "
                "makes a dict of it."
            )
        if job.func_name == SEND and job.kwargs == one.data:
            raise NotYet(
                f"{one} calls send_notification with an argument for each field of its data. It takes one argument: the dict."
            )
        try:
            calls(job, SEND, one.data)
        except NotYet as wrong:
            raise NotYet(f"{one}: {wrong} Its data is {one.data}.") from None


def in_place(both: Sequence[tuple[Old, Job]], state: RqState) -> None:
    """Raise NotYet unless each job is where it belongs, and nowhere else."""
    pushed = Counter(state.waiting)
    for one, job in both:
        waits, scheduled, failed = pushed[job.id], job.id in state.scheduled, job.id in state.failed
        if waits > 1:
            raise NotYet(f"The id of {one} is in RQ's queue {waits} times: it would run as often.")
        if one.state == "failed":
            _failed_in_place(one, job, waits or scheduled, state)
        elif failed:
            raise NotYet(f"{one} is in RQ's FailedJobRegistry: nobody would run it.")
        elif one.state == "delayed" and waits and one.due > time.time():
            minutes = (one.due - time.time()) / 60
            raise NotYet(f"{one} waits in RQ, and a worker would run it now. It is due in {minutes:.0f} minutes.")
        elif one.state == "waiting" and scheduled:
            raise NotYet(f"{one} is scheduled in RQ. It should wait in the queue, for a worker to take it at once.")
        elif not waits and not scheduled:
            raise NotYet(
                f"{one} is written down in RQ, and its id is neither in the queue nor in a registry: no worker will find it."
            )
        elif scheduled and job.get_status(refresh=False) != "scheduled":
            raise NotYet(f"{one} is in RQ's ScheduledJobRegistry, and its status is {job.get_status(refresh=False)!s}.")


def _failed_in_place(one: Old, job: Job, runs: object, state: RqState) -> None:
    if runs:
        raise NotYet(
            f"{one} is enqueued in RQ: a worker would run it by itself. It has failed for good. It should be in the "
            "FailedJobRegistry, where somebody may look at it, and requeue it."
        )
    if job.id not in state.failed:
        raise NotYet(
            f"{one} is written down in RQ, and its id is not in the FailedJobRegistry: `rq requeue` would not find it."
        )
    if job.get_status(refresh=False) != "failed":
        status = job.get_status(refresh=False)
        raise NotYet(
            f"{one} is in the FailedJobRegistry, and its status is {getattr(status, 'value', status)}: not failed."
        )
    score = state.failed[job.id]
    if 0 <= score < time.time() + DAY:
        when = (
            "now, at its next clean-up" if score < time.time() + 1 else f"in {(score - time.time()) / 60:.0f} minutes"
        )
        raise NotYet(
            f"RQ forgets {one} {when}: a score of the FailedJobRegistry is the moment at which its job is forgotten. "
            "registry.add(job, …) gives it a year."
        )


def in_order(both: Sequence[tuple[Old, Job]], order: Sequence[str], ended: bool = False) -> None:
    """Raise NotYet unless the jobs that waited are in their order. order: ids, or, if ended, the texts that were sent."""
    place = {name: index for index, name in enumerate(order)}
    name_of: Callable[[Old, Job], str] = (lambda one, _: one.text) if ended else (lambda _, job: job.id)
    waited = [(one, place[name_of(one, job)]) for one, job in both if one.state == "waiting"]
    seen = [one for one, _ in sorted(waited, key=lambda pair: pair[1])]
    wanted = [one for one, _ in waited]
    if seen == wanted:
        return
    if seen == wanted[::-1]:
        why = "BullMQ adds on the left of `wait` and takes from the right, so this is the reverse"
    elif seen == sorted(wanted, key=lambda one: int(one.id)):
        why = "This is the order of their ids. A job that was retried is at the back of `wait`, and one with lifo is in front"
    else:
        why = "`wait` holds the ids in their order: workers take from the right"
    told, asked = (", ".join(one.id for one in jobs[:4]) for jobs in (seen, wanted))
    raise NotYet(f"The jobs run in another order: {told}, … in RQ, and {asked}, … in BullMQ. {why}.")


def due(both: Sequence[tuple[Old, Job]], state: RqState, began: float) -> None:
    """Raise NotYet unless each delayed job is due at its moment. began: when the move did. RQ counts in whole seconds."""
    for one, job in both:
        if one.state != "delayed" or job.id not in state.scheduled:
            continue
        seen = state.scheduled[job.id]
        if abs(seen - one.due) < 2 or (one.due < began and seen < time.time() + 2):
            continue
        if seen > PACKED:
            why = "The score of `delayed` is packed: the moment in milliseconds, times 4096, and a number that keeps the order"
        elif seen > MILLISECONDS:
            why = "RQ counts in seconds, and BullMQ in milliseconds"
        elif abs(abs(seen - one.due) - ZONE) < 2:
            why = (
                "The move runs where the clock is five and a half hours ahead of UTC. A datetime without a time zone is "
                "taken for local"
            )
        elif abs(seen - (began + one.delay)) < 30:
            why = "Its `delay` is counted anew from the moment of the move. Part of it has passed"
        elif abs(seen - (one.born + one.delay)) < 2:
            why = (
                "It was tried and waits for its next attempt: its `timestamp` is the moment at which it was added, and its "
                "`delay` counts from when it failed. Its score says when it is due"
            )
        else:
            why = "Its score in `delayed` says when: milliseconds since 1970, times 4096"
        raise NotYet(f"{one} is due {_off(seen - one.due)} in RQ. {why}.")


def _off(seconds: float) -> str:
    amount, how = abs(seconds), "too late" if seconds > 0 else "too early"
    for unit, size in (("years", 365 * DAY), ("days", DAY), ("hours", 3600), ("minutes", 60)):
        if amount >= 2 * size:
            return f"{amount / size:,.0f} {unit} {how}"
    return f"{amount:.0f} seconds {how}"


def attempts(both: Sequence[tuple[Old, Job]]) -> None:
    """Raise NotYet unless each job has the attempts that it has left."""
    # Those first that tell a forgotten `atm` from a run that was counted as a retry: with one attempt used up it looks the same.
    for one, job in sorted(both, key=lambda pair: (pair[0].state == "failed", pair[0].used == 1)):
        seen = job.retries_left or 0
        if seen == one.retries:
            continue
        had = f"{one} has had {one.used} of its {_counted(one.attempts, 'attempt')}"
        if one.state == "failed":
            why = "None is left, so it gets no retry"
        elif not seen:
            why = "How many it may have is in its `opts`"
        elif seen == one.attempts - 1:
            why = "Those that it has had are in its field `atm`"
        elif seen == one.attempts and one.used:
            why = "RQ counts retries: the first run is none of them. And those that it has had are in its field `atm`"
        elif seen == one.retries + 1:
            why = "RQ counts retries: the run that comes first is none of them"
        else:
            why = "The next run is none of its retries"
        raise NotYet(f"{had}. In RQ it would have {_counted(seen, 'retry')}, and should have {one.retries}. {why}.")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {'retries' if what == 'retry' else what + 's'}"


def _call(job: Job) -> str:
    return " ".join((job.get_call_string() or "no call").split())[:80]
