"""An RQ worker that writes one event per attempt to a Redis stream.

RQ keeps no history of attempts: one that is retried leaves no result behind. This worker adds its event
to the very transaction with which RQ records how the attempt ended, so a job that is seen to be finished
has its event, and recording costs no round trip of its own.

    rq worker --worker-class labsupport.measure.recorder.RecordingWorker notification-queue

It overrides what rq 3.0 calls at each end of an attempt (rq/worker/base.py and worker_classes.py: `prepare_execution`,
`handle_exception`, `handle_job_success`, `handle_work_horse_killed`, `cleanup_execution`, `clean_registries`,
`heartbeat`). Not seen: an abandoned job that somebody else finds, such as a notebook that asks for
`started_job_registry.count`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from redis import Redis
from redis.client import Pipeline
from rq import SimpleWorker, Worker, worker_registration
from rq.defaults import RQ_KEY_PREFIX
from rq.exceptions import DeserializationError
from rq.executions import Execution
from rq.job import Job, JobStatus
from rq.utils import now
from rq.worker import BaseWorker

from labsupport.measure.attempt import ABANDONED, HORSE_KILLED, NEVER, Attempt

STREAM = f"{RQ_KEY_PREFIX}:attempts"
"""The key of the stream."""

LONGEST = 200_000
"""About how many events the stream keeps; the oldest go first."""


class Recording(BaseWorker):
    """What a recording worker adds to one of RQ's. It is also known again after Redis has forgotten it.

    RQ registers a worker once, when it starts. If Redis is away, or the machine asleep, for longer than the worker's TTL
    and a minute, its record expires: it goes on working, and nobody counts it any more.
    """

    _error = ""
    _succeeded = False
    _enqueued: datetime | None = None

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        # In the work-horse, before RQ records the failure.
        self._error = exc_info[0].__name__
        super().handle_exception(job, *exc_info)

    def handle_job_success(self, job: Job, *arguments: Any, **named: Any) -> None:
        # Kept: a job with Repeat(…) is scheduled again, and says so, before this run of it is recorded.
        self._succeeded = True
        super().handle_job_success(job, *arguments, **named)

    def handle_work_horse_killed(self, job: Job, retpid: Any, ret_val: Any, rusage: Any) -> None:
        # In the worker, which only sees that the work-horse is gone.
        self._error = HORSE_KILLED
        super().handle_work_horse_killed(job, retpid, ret_val, rusage)

    def prepare_execution(self, job: Job) -> Execution:
        # Kept now: a job that returns Retry(…) is enqueued again before it is recorded.
        self._error, self._succeeded, self._enqueued = "", False, job.enqueued_at
        return super().prepare_execution(job)

    def cleanup_execution(self, job: Job, pipeline: Pipeline, execution: Execution | None = None) -> None:
        # RQ calls this once per attempt, whatever its end, inside the transaction that records that end.
        super().cleanup_execution(job, pipeline, execution)
        # Without an execution, it is a job that its worker took and never began: rq/intermediate_queue.py.
        _write(pipeline, self._event(job) if execution else self._never_begun(job))

    def clean_registries(self) -> None:
        # RQ tells those who handle exceptions of each abandoned job, and nobody else: rq/registry.py.
        self.push_exc_handler(self._found)
        try:
            super().clean_registries()
        finally:
            self.pop_exc_handler()

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        # The same is in notifications/service_worker.py, which has to run without the kit, and says why.
        if pipeline is not None:
            super().heartbeat(timeout, pipeline)
            return
        with self.connection.pipeline() as pipe:  # one round trip for what RQ does in three
            super().heartbeat(timeout, pipe)
            pipe.hexists(self.key, "birth")
            known = pipe.execute()[-1]
            if not known:
                pipe.hset(self.key, mapping=self.serialize())
                worker_registration.register(self, pipe)
                pipe.execute()

    def _event(self, job: Job) -> Attempt:
        ended = job.ended_at
        if ended is None or (job.started_at and ended < job.started_at):
            ended = now()  # RQ notes no end of a job that was stopped on request
        return Attempt(
            job=job.id,
            queue=job.origin,
            function=_function(job),
            worker=self.name,
            enqueued=_seconds(self._enqueued),
            started=_seconds(job.started_at),
            ended=_seconds(ended),
            outcome="finished" if self._succeeded else _outcome(job),
            error=self._error,
        )

    def _never_begun(self, job: Job) -> Attempt:
        found = _seconds(now())
        return self._event(job)._replace(
            worker="", enqueued=_seconds(job.enqueued_at), started=found, ended=found, error=ABANDONED
        )

    def _found(self, job: Job, *_: object) -> None:
        attempt = self._event(job)._replace(
            worker=job.worker_name or "",
            enqueued=_seconds(job.enqueued_at),
            ended=_seconds(now()),
            outcome="retried" if job.retries_left else "failed",
            error=ABANDONED,
        )
        _write(self.connection, attempt)


class RecordingWorker(Recording, Worker):
    """`rq.Worker`, and an event per attempt, also for one whose work-horse was killed."""


class RecordingSimpleWorker(Recording, SimpleWorker):
    """`rq.SimpleWorker`, which runs jobs in its own process, and an event per attempt."""


def _write(client: Redis | Pipeline, attempt: Attempt) -> None:
    fields: dict[Any, Any] = attempt._asdict()
    client.xadd(STREAM, fields, maxlen=LONGEST, approximate=True)


def _function(job: Job) -> str:
    try:
        return job.func_name or "?"
    except DeserializationError:
        return "?"


def _outcome(job: Job) -> str:
    status = job.get_status(refresh=False)
    if status in (JobStatus.FINISHED, JobStatus.STOPPED):
        return str(status.value)
    # RQ has queued or scheduled a job that returned Retry(…), and is about to retry one that has retries left.
    if status in (JobStatus.QUEUED, JobStatus.SCHEDULED) or job.should_retry:
        return "retried"
    return "failed"


def _seconds(moment: datetime | None) -> float:
    """Seconds since the epoch, or NaN for a moment that never came."""
    return moment.timestamp() if moment else NEVER
