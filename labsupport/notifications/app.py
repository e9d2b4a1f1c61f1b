"""The application: what a controller calls."""

from rq.job import Job

from .queue import NotificationQueueService

GREETING = "Hello, RQ and Redis"


class AppService:
    def __init__(self, notifications: NotificationQueueService):
        self._notifications = notifications

    def send_notification(self) -> Job:
        """Queue a greeting, and return at once."""
        return self._notifications.add_job({"message": GREETING})
