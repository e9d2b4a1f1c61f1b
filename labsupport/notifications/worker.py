"""The worker of the service: `rq worker --worker-class labsupport.notifications.worker.ServiceWorker`."""

from rq import Worker, worker_registration


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
