"""The questions before and after lab 05."""

from itertools import permutations

from labsupport.exercises.quizzes.question import Asked, drawn


@drawn(hour=range(8, 20), hours=(23, 25))
def tomorrow(hour: int, hours: int) -> Asked:
    moved = "forward" if hours == 23 else "back"
    return Asked(
        f"It is {hour}:00 in Berlin. A job is enqueued with `enqueue_in(timedelta(days=1), …)`. In the night that comes, the "
        f"clocks in Berlin go {moved} by one hour. What time is it in Berlin when the job is due? Give the hour as a whole "
        "number.",
        right=f"{hour + 24 - hours}",
        why=f"`timedelta(days=1)` is 24 hours, and this day has {hours}.",
        wrong={
            f"{hour}": f"`timedelta(days=1)` is 24 hours, and this day has {hours}.",
            f"{hour - 24 + hours}": f"That is the wrong way: the clocks go {moved}, and the job is due after 24 hours.",
        },
    )


TIMEOUT = 3600
"""Of a job that repeats, in seconds: each run takes minutes, and RQ's default is three."""


@drawn(times=range(4, 7), pause=(10, 20, 30), minutes=range(3, 9), failing=(2, 3))
def repeats(times: int, pause: int, minutes: int, failing: int) -> Asked:
    apart = pause + minutes
    return Asked(
        f"A job has `repeat=Repeat(times={times}, interval={pause * 60})` and `job_timeout={TIMEOUT}`, and no `Retry`. A "
        f"worker with a scheduler has nothing else to do. Each run takes {minutes} minutes. Run number {failing} fails, all "
        "others succeed. The first run starts at minute 0. At which minutes do the runs start? Give a list of whole minutes.",
        right=str([apart * n for n in range(failing)]),
        why="The next run is planned when a run succeeds. The interval counts from the end of that run.",
        wrong={
            str(
                [apart * n for n in range(times + 1)]
            ): "The next run is planned when a run succeeds. After a failure there is none.",
            str(
                [apart * n for n in range(times)]
            ): "The next run is planned when a run succeeds. After a failure there is none.",
            str(
                [pause * n for n in range(failing)]
            ): "The interval counts from the end of a run, and not from its start.",
            str(
                [pause * n for n in range(times + 1)]
            ): "The interval counts from the end of a run, and after a failure there is no next one.",
            str([apart * n for n in range(failing + 1)]): f"Run number {failing} fails, so it is the last one.",
        },
    )


@drawn(minutes=(1, 2, 5, 15, 30, 60), ids=(("mail", "report"), ("report", "mail")))
def known_ids(minutes: int, ids: tuple[str, str]) -> Asked:
    good, bad = ids
    still = minutes * 60 < 500
    ago = f"{minutes} minute{'s' * (minutes > 1)} ago"
    lasts = "RQ knows a job for 500 seconds after its success, and for a year after its failure."
    return Asked(
        f"Two jobs were enqueued with the ids `mail` and `report`, and with RQ's default options. `{good}` succeeded {ago}. "
        f"`{bad}` failed {ago}. Now each is enqueued again, with its old id and `unique=True`. For which ids does RQ raise "
        '`DuplicateJobError`? Give a set of texts: `set()`, `{"mail"}`, `{"report"}` or `{"mail", "report"}`.',
        right='{"mail", "report"}' if still else f'{{"{bad}"}}',
        why=lasts,
        wrong={
            "set()": f"`unique=True` refuses the id of every job that Redis knows, also of one that has ended. {lasts}",
            f'{{"{good}"}}': lasts,
            f'{{"{bad}"}}' if still else '{"mail", "report"}': lasts,
        },
    )


@drawn(order=tuple(permutations("abc")), up=("2:20", "2:30", "2:45"))
def missed(order: tuple[str, str, str], up: str) -> Asked:
    moment, string, interval = order
    how = {
        moment: "by `enqueue_at`, for 2:00 of this night",
        string: 'by `rq cron`, with `cron="0 2 * * *"`',
        interval: "by `rq cron`, with `interval=86400`, and it ran last at 22:00",
    }
    forgets = "`rq cron` looks ahead from its start, and does not know what it missed."
    at_once = "A job with `interval` runs at each start of `rq cron`."
    waits = "A job by `enqueue_at` waits in Redis, and runs late."
    planned = " ".join(f"Job `{name}` is planned {how[name]}." for name in sorted(how))
    return Asked(
        f"All workers and `rq cron` are stopped at 1:50, and started again at {up}. One of the workers has a scheduler. "
        f"{planned} "
        'Which of these jobs run between 2:00 and 3:00 of this night? Give a set of names, such as `{"a", "b", "c"}`.',
        right="{" + ", ".join(f'"{name}"' for name in sorted((moment, interval))) + "}",
        why=f"{waits} {forgets} {at_once}",
        wrong={
            '{"a", "b", "c"}': f"Job `{string}` does not run. {forgets}",
            f'{{"{moment}"}}': at_once,
            f'{{"{string}"}}': f"Job `{string}` does not run. {forgets}",
            f'{{"{interval}"}}': waits,
            f'{{"{moment}", "{string}"}}': f"{forgets} {at_once}",
            f'{{"{string}", "{interval}"}}': f"{forgets} {waits}",
            "set()": f"{waits} {at_once}",
        },
    )


QUESTIONS = (tomorrow, repeats, known_ids, missed)
