"""no-starving: three workers for two queues, of which one must not starve."""

from contextlib import ExitStack

from rq import Queue

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import at_work, expect, plain, token
from labsupport.waiting import comes_true

HINTS = (
    "A worker that listens on `high` and `low` looks into `low` only when `high` is empty. Who looks into it otherwise?",
    'One list with one name is a worker of its own: ["low"] works for `low` whatever happens in `high`.',
    'Three lists of one name each. `high` keeps most of them: ["high"], ["high"] and one more.',
)

LOAD = {"high": 15, "low": 2}
"""Jobs of 0.1 s on each queue, which are all there when the workers start."""


def judge(answer: object, context: Context) -> str:
    crew = _crew(answer)
    order = _started(crew, context)
    if "low" not in order:
        raise NotYet(
            "The check started your three workers. `high` is done, and nobody worked on `low`: no list has it."
        )
    if "high" not in order:
        raise NotYet(
            "The check started your three workers. `low` is done, and nobody worked on `high`: no list has it."
        )
    before = order.index("low")
    if before >= LOAD["high"] - 1:
        raise NotYet(
            f"The check started your three workers. The first job of `low` started after {before} of {LOAD['high']} jobs of "
            "`high`: each worker looks into `high` first. As long as jobs come there, `low` starves."
        )
    if any(len(queues) > 1 for queues in crew):
        raise NotYet(
            "`low` does not starve. But a worker on two queues takes an id out of its list before it has written down "
            "anything: if it dies right then, the job is lost. Give each worker one queue."
        )
    if sum(queues == ["high"] for queues in crew) < 2:
        raise NotYet("`low` does not starve. But most of the workers belong to `high`, and now it has one of three.")
    return (
        f"`low` was served while `high` was full: its first job started after {before} of {LOAD['high']}. And each worker "
        "moves an id into the second list in one step, where a crash cannot lose it."
    )


def _crew(answer: object) -> list[list[str]]:
    answer = plain(answer)
    expect(list, answer, 'three lists of names, such as [["high"], …]')
    assert isinstance(answer, list)
    crew = [
        [
            getattr(queue, "name", queue)
            for queue in ([entry] if isinstance(entry, (str, Queue)) else plain(entry) or [])
        ]
        for entry in answer
        if isinstance(entry, (str, Queue, list, tuple))
    ]
    names = {str(queue) for queues in crew for queue in queues}
    if len(crew) != 3 or len(answer) != 3 or not all(crew):
        raise NotYet(
            f"There are three workers, so the answer has three lists with a name or two; this one has {len(answer)}."
        )
    if unknown := names - set(LOAD):
        raise NotYet(f"The queues are named `high` and `low`; nobody puts a job into `{min(unknown)}`.")
    return crew


def _started(crew: list[list[str]], context: Context) -> list[str]:
    """The names of the queues in the order in which their jobs were started, by workers as in the answer."""
    mark = token()
    queues = {name: Queue(f"check-{mark}-{name}", connection=context.redis) for name in LOAD}
    jobs = [(name, queues[name].enqueue("time.sleep", 0.1, result_ttl=60)) for name in LOAD for _ in range(LOAD[name])]
    listened = {name for names in crew for name in names}
    with ExitStack() as stack:
        for names in crew:
            stack.enter_context(at_work(*(queues[name] for name in dict.fromkeys(names)), context=context))
        waited = [job for name, job in jobs if name in listened]
        if not comes_true(lambda: all(job.get_status() == "finished" for job in waited), within=30):
            raise NotYet("The check started your three workers, and after 30 s they were not done.")
    done = [(job.started_at, name) for name, job in jobs if name in listened and (job.refresh() or job.started_at)]
    return [name for _, name in sorted(done)]
