"""move-it: the jobs of a BullMQ queue, moved to RQ while its workers run, by a program that may be killed at any moment."""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from rq import Queue
from rq.defaults import RQ_KEY_PREFIX
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.errors import LabError
from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import provider, token
from labsupport.exercises.lab08.crashed import first_bad, module_of, swept, told
from labsupport.exercises.lab11.move_it import compared, moving, queues
from labsupport.experiments import sweep
from labsupport.namespace import root
from labsupport.notifications.provider import Provider
from labsupport.processes import node, workers

HINTS = (
    "Look first. `wait` is a list, and workers take from its right end. `delayed` and `failed` are sorted sets: a score of "
    "`delayed` is the moment in milliseconds × 4096. A job's hash has its data and its opts in JSON; `atm` is how many attempts "
    "it has had.",
    "No job may be lost, and none may run twice: so it must come into RQ and leave BullMQ in one step. Both are in one Redis. "
    "For each job, take a redis.pipeline(). First call queue.enqueue(…, pipeline=pipe), then pipe.lrem or pipe.zrem, and "
    "pipe.delete for the hash. Then pipe.execute() does all of it, or nothing.",
    "Delayed: queue.enqueue_at(datetime.fromtimestamp(score // 4096 / 1000, timezone.utc), …, pipeline=pipe). Failed: job = "
    'Job.create(…, origin=queue.name, status="failed", connection=redis, serializer=queue.serializer), then '
    "queue.failed_job_registry.add(job, pipeline=pipe). Retry(max=n) with n = attempts - atm - 1, and no retry if n is below 1.",
)

FILE = "lab11_move.py"
DEADLINE = 6.0
"""Seconds for a move of a hundred jobs."""


def judge(answer: object, context: Context) -> str:
    module_of(answer, FILE, move=("redis", "bull", "queue"))
    try:
        node.node()
    except LabError as error:
        raise NotYet(" ".join(str(error).split())) from None
    count = _moves_all(context)
    rows = swept(
        sweep.sweep_program,
        moving.move.__module__ + ".move",
        then=moving.__name__ + ".recover",
        begin=moving.__name__ + ".prepare",
        delivered=moving.__name__ + ".kept",
        promised=moving.__name__ + ".rules",
        first_only=True,
    )
    if (bad := first_bad(rows)) is not None:
        mine = {**bad, "history": [one for one in bad["history"] if one[0] == 1]}
        steps = told(mine, names="move").removeprefix("move 1: ") or "✗ before its first step"
        why = moving.BROKEN[bad["delivered"]]
        if "transaction=False" in Path(FILE).read_text(encoding="utf8"):
            why += ". A pipeline with transaction=False is sent in one go, and is no transaction"
        raised = f" The second run raised {bad['raised'][:160].rstrip('.')}." if bad["raised"] else ""
        raise NotYet(
            f"With no crash, your move is right. Then it was killed before step {bad['point']} of a move of a few jobs "
            f"({steps}). RQ's workers ran what was there, and an hour later it was run again.{raised} {why}."
        )
    return (
        f"{count} jobs are in RQ, with their order, their moments and the attempts that they have left. Killed at each of "
        f"{len(rows)} steps and run again, the move loses no job, and none runs twice."
    )


def _moves_all(context: Context) -> int:
    """How many jobs of a large queue were moved, with nothing in the way. Raises NotYet unless all is as it should be."""
    word = token()
    bull = f"{root()}check-bull-{word}:notification-queue:"
    queue = Queue(f"check-{word}", connection=context.redis, serializer=JSONSerializer)
    with _nothing_left(context.redis, word), provider(context) as sender:
        queues.made(queues.large(), os.environ["REDIS_URL"], bull)
        old = queues.read(context.redis, bull)
        api = [queue.enqueue(moving.SEND, {"message": f"{moving.API}, {token()}"}) for _ in range(3)]
        began = time.time()
        _run_it(context, bull, queue)
        state = compared.RqState.of(queue)
        both = compared.pairs(old, state, api)
        compared.all_call(both)
        compared.in_place(both, state)
        compared.in_order(both, state.waiting)
        compared.due(both, state, began)
        compared.attempts(both)
        _out_of_bullmq(context.redis, bull, both)
        _run_it(context, bull, queue)
        again = compared.RqState.of(queue)
        if (len(again.jobs), again.waiting) != (len(state.jobs), state.waiting):
            raise NotYet(
                "The move was run once more, with nothing left to move, and RQ's queue was another one after that."
            )
        _works(context, queue, both, sender)
        return len(both)


def _run_it(context: Context, bull: str, queue: Queue) -> None:
    """Call the reader's move. Raises NotYet if it raises, or does not end."""

    def move() -> object:
        os.environ["TZ"] = "Asia/Kolkata"  # half an hour beside the others: see compared.ZONE
        time.tzset()
        sys.path.insert(0, os.getcwd())
        sys.dont_write_bytecode = True
        sys.modules.pop(FILE.removesuffix(".py"), None)
        importlib.invalidate_caches()
        module = importlib.import_module(FILE.removesuffix(".py"))
        return module.move(context.redis, bull, queue)

    try:
        ended = trial.run(move, deadline=DEADLINE)
    except NotYet as wrong:
        if "still running" not in str(wrong):
            raise NotYet("move(redis, bull, queue) ended its own process.") from None
        raise NotYet(
            f"move(redis, bull, queue) was still running after {DEADLINE:.0f} s, with a hundred jobs to move, and was killed."
        ) from None
    if ended.error:
        said = {
            "enter a value greater than 0": " A job with no retry left is enqueued without a Retry.",
            "is out of range": " BullMQ's times are milliseconds, and the scores of `delayed` are those times 4096.",
            "without an initial WATCH": " Let RQ's call be the first on the pipeline: with pipeline=, RQ begins the transaction.",
        }
        more = next((text for part, text in said.items() if part in ended.message), "")
        raise NotYet(f"move(redis, bull, queue) {str(ended).rstrip('.')}.{more}")


def _out_of_bullmq(redis: Redis, bull: str, both: list[tuple[queues.Old, Job]]) -> None:
    listed = queues.listed(redis, bull)
    for one, _ in both:
        if one.id in listed:
            raise NotYet(
                f"{one} is in RQ, and its id is still in BullMQ's `{listed[one.id]}`: it would be moved again."
            )
    if left := queues.written(redis, bull, [one for one, _ in both]):
        raise NotYet(
            f"The hashes of {len(left)} jobs that were moved, such as {left[0]}, are still there: BullMQ's queue.getJob "
            "finds them."
        )


def _works(context: Context, queue: Queue, both: list[tuple[queues.Old, Job]], sender: Provider) -> None:
    """Requeue what has failed, and let a real worker run what waits. Raises NotYet unless each is sent, in its order."""
    for one, job in both:
        if one.state == "failed":
            try:
                queue.failed_job_registry.requeue(job.id)
            except (NoSuchJobError, InvalidJobOperation) as error:
                raise NotYet(f"{one} can't be requeued in RQ: {type(error).__name__}: {error}.") from None
    try:
        workers.work_off([queue], folder=context.folder, timeout=12, worker_class="rq.worker.SimpleWorker")
    except LabError as error:
        raise NotYet(f"A real worker was given the jobs. {error}") from None
    sent = sender.delivered()
    for one, _ in both:
        if one.state != "delayed" and sent.count(one.text) != 1:
            how = "after it was requeued" if one.state == "failed" else "as it waited in RQ"
            raise NotYet(f"A real worker ran {one}, {how}, and its message was sent {sent.count(one.text)} times.")
    compared.in_order(both, sent, ended=True)


@contextmanager
def _nothing_left(redis: Redis, word: str) -> Iterator[None]:
    """Deletes, after the block, the keys that have this word, and those that the reader's code has made beside RQ's."""
    ours = tuple(name.encode() for name in (f"{RQ_KEY_PREFIX}:", f"{root()}notifications", f"{root()}bull:"))
    before = _keys(redis)
    try:
        yield
    finally:
        for key in _keys(redis) - before:
            if word.encode() in key or not key.startswith(ours):
                redis.unlink(key)
        redis.srem(Queue.redis_queues_keys, f"{Queue.redis_queue_namespace_prefix}check-{word}")


def _keys(redis: Redis) -> set[bytes]:
    return set(redis.scan_iter(match=f"{root()}*", count=1000))
