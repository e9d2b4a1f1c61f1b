"""The worker of the service: `rq worker --worker-class labsupport.notifications.worker.ServiceWorker`, and OPTIONS."""

from rq import Worker, worker_registration

OPTIONS = (
    "--connection-class", "labsupport.notifications.settings.PatientRedis", "--worker-ttl", "30",
    "--maintenance-interval", "15",
)  # fmt: skip
"""Options of workers that run on and on. They ride out a restart of Redis; and every quarter of a minute they look for
jobs whose worker died, and for a scheduler to take over from one that died. (RQ's own: every ten minutes. An idle worker
looks up when its wait for a job ends, fifteen seconds before its TTL does.)"""


class ServiceWorker(Worker):
    """RQ's worker, known again after Redis has forgotten it.

    RQ registers a worker once, when it starts. If Redis is away, or the machine asleep, for longer than the worker's TTL
    and a minute, its record expires; it goes on working, and no health check sees it any more.
    """

    def heartbeat(self, timeout=None, pipeline=None):
        super().heartbeat(timeout, pipeline)
        if pipeline is None and not self.connection.hexists(self.key, "birth"):
            with self.connection.pipeline() as pipe:
                pipe.hset(self.key, mapping=self.serialize())
                worker_registration.register(self, pipe)
                pipe.execute()
