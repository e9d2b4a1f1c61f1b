"""Answers to their-nine."""

from __main__ import (
    Queue,
    Repeat,
    ZoneInfo,
    datetime,
    lab,
    queue,
    reminders,
    send_notification,
    time,
    timedelta,
    timezone,
)


# %% solution
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0)
    if nine <= there:
        nine += timedelta(days=1)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% right: built from its parts, and compared in UTC
def remind(zone, now):
    tz = ZoneInfo(zone)
    day = now.astimezone(tz).date()
    nine = datetime(day.year, day.month, day.day, 9, tzinfo=tz)
    while nine.astimezone(timezone.utc) <= now.astimezone(timezone.utc):
        day += timedelta(days=1)
        nine = datetime(day.year, day.month, day.day, 9, tzinfo=tz)
    reminders.enqueue_at(nine.astimezone(timezone.utc), send_notification, data={"message": "Good morning"})


answer = remind

# %% right: combine, and enqueue_in with the real distance
import datetime as dt


def remind(zone, now):
    tz = ZoneInfo(zone)
    today = now.astimezone(tz).date()
    nines = [dt.datetime.combine(today + dt.timedelta(days=n), dt.time(9), tz) for n in range(2)]
    nine = min(nine for nine in nines if nine.timestamp() > now.timestamp())
    return reminders.enqueue_at(
        dt.datetime.fromtimestamp(nine.timestamp(), dt.timezone.utc), send_notification, {"message": "Good morning"}
    )


answer = remind


# %% right: a naive time, converted to the machine's
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=there.hour >= 9)
    machines = nine.astimezone().replace(tzinfo=None)
    reminders.enqueue_at(machines, send_notification, {"message": "Good morning"})


answer = remind


# %% right: async
async def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    day = there if there.hour < 9 else there + timedelta(days=1)
    nine = day.replace(hour=9, minute=0, second=0, microsecond=0)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: a naive time is nine o'clock on the machine that enqueues
def remind(zone, now):
    nine = datetime(now.year, now.month, now.day, 9)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: a naive time is nine o'clock on the machine
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = datetime(there.year, there.month, there.day, 9) + timedelta(days=there.hour >= 9)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: that is nine o'clock in UTC
def remind(zone, now):
    nine = datetime(now.year, now.month, now.day, 9, tzinfo=timezone.utc)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: that is over, and the user would get it at once
def remind(zone, now):
    nine = now.astimezone(ZoneInfo(zone)).replace(hour=9, minute=0, second=0, microsecond=0)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: (where it is tomorrow already), the reminder comes on 01 June
def remind(zone, now):
    tz = ZoneInfo(zone)
    nine = datetime(now.year, now.month, now.day, 9, tzinfo=tz)
    if nine < now:
        nine += timedelta(days=1)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: a day too late
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = (there + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: an hour off: the zone is at another distance from UTC
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0)
    if nine <= there:
        nine = nine.astimezone(timezone.utc) + timedelta(days=1)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: an hour off
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    fixed = timezone(there.utcoffset())
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=fixed)
    if nine <= now:
        nine += timedelta(days=1)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind

# %% wrong: an hour off
offsets = {
    "Europe/Berlin": 1, "America/New_York": -5, "Asia/Kolkata": 5.5, "Pacific/Auckland": 12, "Pacific/Honolulu": -10,
}  # fmt: skip


def remind(zone, now):
    there = now.astimezone(timezone(timedelta(hours=offsets[zone])))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0)
    if nine <= there:
        nine += timedelta(days=1)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: nine o'clock was asked for
def remind(zone, now):
    there = now.replace(tzinfo=ZoneInfo(zone))
    nine = there + timedelta(hours=9 - there.hour)
    if nine <= now:
        nine += timedelta(days=1)
    reminders.enqueue_at(
        nine.astimezone(timezone.utc) + timedelta(hours=3), send_notification, {"message": "Good morning"}
    )


answer = remind


# %% wrong: raised ValueError: day is out of range for month
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0)
    if nine <= there:
        nine = nine.replace(day=nine.day + 1)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: not at 9:00 sharp
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=30)
    if nine <= there:
        nine += timedelta(days=1)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: raised TypeError: can't compare offset-naive and offset-aware datetimes
def remind(zone, now):
    nine = datetime(now.year, now.month, now.day, 9)
    if nine < now:
        nine += timedelta(days=1)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: put no jobs on the queue `reminders`
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0)
    return nine if nine > there else nine + timedelta(days=1)


answer = remind


# %% wrong: put no jobs on the queue `reminders`
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0)
    nine = nine if nine > there else nine + timedelta(days=1)
    queue.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: the job is queued, and not planned
def remind(zone, now):
    reminders.enqueue(send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: still running
def remind(zone, now):
    while now.astimezone(ZoneInfo(zone)).hour != 9:
        time.sleep(1)
    reminders.enqueue(send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: which is not called; this is None
def remind(zone, now):
    pass


answer = remind("Europe/Berlin", datetime.now(timezone.utc))


# %% wrong: on the day before summer time
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0)
    if nine <= there:
        nine += timedelta(days=1)
    ahead = now + (nine.replace(tzinfo=None) - there.replace(tzinfo=None))
    reminders.enqueue_at(ahead.astimezone(timezone.utc), send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: Count from `now`, which is handed in
def remind(zone, now):
    there = datetime.now(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0)
    if nine <= there:
        nine += timedelta(days=1)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: counts from the clock of this machine
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0)
    if nine <= there:
        nine += timedelta(days=1)
    reminders.enqueue_in(nine - there, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: before it is due: ttl says how long a job may wait
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0)
    if nine <= there:
        nine += timedelta(days=1)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"}, ttl=60)


answer = remind


# %% wrong: put 2 jobs on the queue `reminders`
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    for days in range(2):
        nine = (there + timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)
        reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% right: pandas, and enqueue_in by this machine's clock
import pandas as pd


def remind(zone, now):
    there = pd.Timestamp(now).tz_convert(zone).tz_localize(None)
    nine = there.normalize() + pd.Timedelta(hours=9)
    nine += pd.Timedelta(days=int(nine <= there))
    ahead = nine.tz_localize(zone).to_pydatetime() - datetime.now(timezone.utc)
    reminders.enqueue_in(ahead, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: (just after nine), the reminder comes on 10 June at 09:00 of the user's clock: that is over
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0)
    if there.hour > 9:
        nine += timedelta(days=1)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: at 09:00:41 of the user's clock, and not at 9:00 sharp
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0)
    if nine <= there:
        nine += timedelta(days=1)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"})


answer = remind


# %% wrong: moved the reminder of another user
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=there.hour >= 9)
    name = zone.replace("/", "-")
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"}, job_id=f"reminder-{name}")


answer = remind


# %% wrong: as soon as the clocks change
def remind(zone, now):
    there = now.astimezone(ZoneInfo(zone))
    nine = there.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=there.hour >= 9)
    daily = Repeat(times=365, interval=86400)
    reminders.enqueue_at(nine, send_notification, {"message": "Good morning"}, repeat=daily)


answer = remind
