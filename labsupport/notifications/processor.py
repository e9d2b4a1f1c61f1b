"""What a worker does with a job."""

import logging
from typing import Any

from rq import get_current_job

from labsupport.notifications import settings
from labsupport.notifications.provider import Provider

JOB_NAME = "send-notification"

log = logging.getLogger(__name__)


def send_notification(data: dict[str, Any]) -> bool:
    """Send one notification through the provider. Returns True; raises what the provider raises.

    data: {"message": text, …}
    """
    log.info("Processing job %s with data: %s", JOB_NAME, data)
    job = get_current_job()
    Provider(job.connection if job else settings.connect()).send(data["message"])
    return True
