"""An RQ worker that writes one event per attempt to a Redis stream.

RQ keeps no history of attempts: one that is retried leaves no result behind. This worker adds its event
to the very transaction with which RQ records how the attempt ended, so a job that is seen to be finished
has its event, and recording costs no round trip of its own.

    rq worker --worker-class labsupport.measure.recorder.RecordingWorker notification-queue
"""

from rq import SimpleWorker, Worker
from rq.defaults import RQ_KEY_PREFIX
from rq.exceptions import DeserializationError
from rq.job import JobStatus
from rq.utils import now

STREAM = f"{RQ_KEY_PREFIX}:attempts"
"""The key of the stream."""

LONGEST = 200_000
"""About how many events the stream keeps; the oldest go first."""


class Recording:
    """What a recording worker adds to one of RQ's."""

    _error = ""
    _enqueued = None

    def handle_exception(self, job, *exc_info):
        # In the work-horse, before RQ records the failure.
        self._error = exc_info[0].__name__
        super().handle_exception(job, *exc_info)

    def handle_work_horse_killed(self, job, retpid, ret_val, rusage):
        # In the worker, which only sees that the work-horse is gone.
        self._error = "WorkHorseKilled"
        super().handle_work_horse_killed(job, retpid, ret_val, rusage)

    def prepare_execution(self, job):
        # Kept now: a job that returns Retry(…) is enqueued again before it is recorded.
        self._error, self._enqueued = "", job.enqueued_at
        return super().prepare_execution(job)

    def cleanup_execution(self, job, pipeline, execution=None):
        # RQ calls this once per attempt, whatever its end, inside the transaction that records that end.
        super().cleanup_execution(job, pipeline, execution)
        pipeline.xadd(STREAM, self._event(job), maxlen=LONGEST, approximate=True)

    def _event(self, job) -> dict[str, str | float]:
        try:
            function = job.func_name
        except DeserializationError:
            function = "?"
        ended = job.ended_at
        if ended is None or (job.started_at and ended < job.started_at):
            ended = now()  # RQ notes no end of a job that was stopped on request
        return {
            "job": job.id,
            "queue": job.origin,
            "function": function,
            "worker": self.name,
            "enqueued": _seconds(self._enqueued),
            "started": _seconds(job.started_at),
            "ended": _seconds(ended),
            "outcome": self._outcome(job),
            "error": self._error,
        }

    @staticmethod
    def _outcome(job) -> str:
        status = job.get_status(refresh=False)
        if status in (JobStatus.FINISHED, JobStatus.STOPPED):
            return status.value
        # RQ has queued or scheduled a job that returned Retry(…), and is about to retry one that has retries left.
        if status in (JobStatus.QUEUED, JobStatus.SCHEDULED) or job.should_retry:
            return "retried"
        return "failed"


class RecordingWorker(Recording, Worker):
    """`rq.Worker`, and an event per attempt, also for one whose work-horse was killed."""


class RecordingSimpleWorker(Recording, SimpleWorker):
    """`rq.SimpleWorker`, which runs jobs in its own process, and an event per attempt."""


def _seconds(moment) -> float:
    """Seconds since the epoch, or NaN for a moment that never came."""
    return moment.timestamp() if moment else float("nan")
