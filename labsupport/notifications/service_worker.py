"""The service's workers: `rq worker` with OPTIONS and, for one that runs on and on, `--worker-class …ServiceWorker`."""

from typing import Any

from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.client import Pipeline
from redis.retry import Retry
from rq import Worker, worker_registration

OPTIONS = (
    "--connection-class", f"{__name__}.PatientRedis", "--worker-ttl", "30", "--maintenance-interval", "15",
)  # fmt: skip
"""Options of workers that run on and on. They ride out a restart of Redis. An idle worker shows life every 15 seconds,
which is RQ's way: 15 before its TTL ends. When it does, and between two jobs, it looks for jobs whose worker died, and
for a scheduler to take over, if it has not looked for 15 seconds. (RQ's own interval is ten minutes.) A worker that has
a job in hand does not look."""


def patience() -> Retry:
    """120 tries, a second apart at most, so that a worker rides out a restart of Redis of a minute and a half.

    With redis-py's own ten quick tries, a worker that has a job in hand gives up after some seconds, and leaves that job
    *started*.
    """
    return Retry(ExponentialWithJitterBackoff(base=0.01, cap=1), 120)


class PatientRedis(Redis):
    """A connection for workers that has patience: `rq worker --connection-class …PatientRedis`."""

    @classmethod
    def from_url(cls, url: str, **options: Any) -> Redis:
        return super().from_url(url, **{**options, "retry": patience()})


class ServiceWorker(Worker):
    """RQ's worker, known again after Redis has forgotten it.

    RQ registers a worker once, when it starts. If Redis is away, or the machine asleep, for longer than the worker's TTL
    and a minute, its record expires; it goes on working, and no health check sees it any more.
    (rq 3.0: worker/base.py, `heartbeat` and `register_birth`.)
    """

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
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
