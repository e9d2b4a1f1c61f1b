"""their-nine, of 05-schedule."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from rq import Queue
from rq.serializers import JSONSerializer

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import calls, expect, jobs_of
from labsupport.exercises.lab05.planned import EAST, elsewhere, lasts, planned

HINTS = (
    "What does the user's own clock say at `now`? now.astimezone(ZoneInfo(zone)) tells. Which day is it there?",
    "That time, with .replace(hour=9, minute=0, second=0, microsecond=0), is nine o'clock of the user's day. It may be over.",
    "If it is over, add timedelta(days=1) while the time is still in the user's zone.",
)

UTC = timezone.utc
CASES = (
    ("Europe/Berlin", datetime(2027, 6, 10, 4, 0), "UTC", "in summer, early in the morning"),
    ("America/New_York", datetime(2027, 1, 15, 10, 0), "America/New_York", "in winter, early in the morning"),
    ("America/New_York", datetime(2027, 7, 15, 10, 0), "UTC", "in summer, early in the morning"),
    ("Asia/Kolkata", datetime(2027, 3, 15, 1, 0), "Asia/Tokyo", "half an hour off the full hour"),
    ("Europe/Berlin", datetime(2027, 6, 10, 7, 20, 41), "Europe/Berlin", "just after nine"),
    ("Pacific/Auckland", datetime(2027, 5, 31, 22, 0), "UTC", "where it is tomorrow already"),
    ("Pacific/Honolulu", datetime(2027, 5, 31, 15, 0), "Asia/Tokyo", "where it is still yesterday"),
    ("Pacific/Honolulu", datetime(2027, 5, 31, 23, 30), "Pacific/Honolulu", "on the last day of a month"),
    ("Europe/Berlin", datetime(2027, 3, 27, 12, 0), "UTC", "on the day before summer time starts"),
    ("America/New_York", datetime(2027, 11, 6, 15, 0), "America/New_York", "on the day before summer time ends"),
    ("Europe/Berlin", datetime(2027, 10, 31, 0, 30), "Europe/Berlin", "in the hour that comes twice"),
    ("Asia/Kolkata", datetime(2027, 12, 31, 18, 0), "Asia/Tokyo", "on the last evening of a year"),
)
"""The user's zone, the moment in UTC, the zone in which it is given, and what is special about it."""


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function remind itself, which is not called")
    queue = Queue("reminders", connection=context.redis, serializer=JSONSerializer)
    for zone, moment, place, when in CASES:
        _one(answer, queue, zone, moment.replace(tzinfo=UTC).astimezone(ZoneInfo(place)), when)
    return f"{len(CASES)} users got their reminder at their own nine o'clock, on whatever day it was there."


def _one(remind: Callable, queue: Queue, zone: str, now: datetime, when: str) -> None:
    """Raise NotYet unless one call plans one job for the user's next nine o'clock."""
    before = planned(queue)
    known = {job.id for job in jobs_of(queue)}
    seen = trial.run(elsewhere(remind), zone, now)
    said = f"At {now.astimezone(ZoneInfo(zone)):%d %B %Y, %H:%M} in {zone} ({when})"
    if seen.error:
        raise NotYet(f"{said}, remind {seen}.")
    jobs = [job for job in jobs_of(queue) if job.id not in known]
    moments = planned(queue)
    if any(moments[job] != moment for job, moment in before.items() if job in moments):
        raise NotYet(
            f"{said}, remind moved the reminder of another user, and this one has none: they share a job's id."
        )
    if len(jobs) != 1:
        raise NotYet(f"{said}, one call of remind put {len(jobs) or 'no'} jobs on the queue `reminders`.")
    calls(jobs[0], "labsupport.notifications.processor.send_notification", {"message": "Good morning"})
    if jobs[0] not in moments or jobs[0].get_status() != "scheduled":
        raise NotYet(f"{said}, the job is {jobs[0].get_status().value}, and not planned for nine o'clock.")
    if jobs[0].repeats_left:
        raise NotYet(
            f"{said}, remind planned a job with a Repeat. One reminder was asked for; and an interval is a number of seconds, "
            "which misses nine o'clock as soon as the clocks change."
        )
    lasts(jobs[0], queue.connection)
    moment, wanted = moments[jobs[0]], next_nine(zone, now)
    if moment != wanted:
        raise NotYet(f"{said}, {_wrong(moment, wanted, zone, now)}")


def next_nine(zone: str, now: datetime) -> datetime:
    """The user's next nine o'clock, in UTC."""
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0, fold=0)
    if nine <= there:
        nine += timedelta(days=1)
    return nine.astimezone(UTC)


def _wrong(moment: datetime, wanted: datetime, zone: str, now: datetime) -> str:
    there = moment.astimezone(ZoneInfo(zone))
    clock = f"{there:%H:%M:%S}".removesuffix(":00")
    seen = f"the reminder comes on {there:%d %B} at {clock} of the user's clock"
    if there.year < 2000:
        return f"{seen}, in {there.year}."
    if abs(moment - datetime.now(UTC)) < timedelta(days=2):
        return f"{seen}: that counts from the clock of this machine. Count from `now`, which is handed in."
    if moment <= now:
        return f"{seen}: that is over, and the user would get it at once. The next nine o'clock is tomorrow's."
    off = moment - wanted
    if (there.hour, there.minute, there.second) == (9, 0, 0):
        day = "a day too late" if off > timedelta(0) else "a day too early"
        return f"{seen}, {day}. Which day is it on the user's own clock?"
    if there.hour == 9:
        return f"{seen}, and not at 9:00 sharp."
    if moment == moment.astimezone(timezone(EAST)).replace(hour=9, minute=0):
        return (
            f"{seen}: a naive time is nine o'clock on the machine that enqueues, which is in another zone in this check. "
            "Give RQ an aware time, in the user's zone."
        )
    if abs(off) == timedelta(hours=1):
        return (
            f"{seen}, an hour off: the zone is at another distance from UTC by then, since the clocks change. "
            "Compute with the day and the hour on the user's clock, and not in UTC."
        )
    if moment.astimezone(UTC).hour == 9 and moment.minute == 0:
        return f"{seen}: that is nine o'clock in UTC."
    if moment.astimezone(now.tzinfo).hour == 9 and moment.astimezone(now.tzinfo).minute == 0:
        return f"{seen}: that is nine o'clock in the zone of `now`, which is not the user's."
    return f"{seen}, and nine o'clock was asked for."
