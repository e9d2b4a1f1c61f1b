"""The application: what a controller calls."""

from rq.job import Job

from labsupport.notifications.provider import Provider
from labsupport.notifications.queue import NotificationQueueService

GREETING = "Hello, RQ and Redis"


class AppService:
    def __init__(self, notifications: NotificationQueueService):
        self._notifications = notifications

    def send_notification(self) -> Job:
        """Queue a greeting, and return at once."""
        return self._notifications.add_job({"message": GREETING})

    def send_notification_now(self) -> None:
        """Send a greeting and wait for it, as one does without a queue. Raises what the provider raises."""
        Provider(self._notifications.queue.connection).send(GREETING)
