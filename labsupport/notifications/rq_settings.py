"""RQ's settings file: `rq worker --config`. RQ takes the names in capitals, when a worker starts."""

from . import settings

REDIS_URL = settings.redis_url()
QUEUES = [settings.QUEUE_NAME]
DICT_CONFIG = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(message)s"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stdout"}},
    "root": {"handlers": ["stdout"], "level": "INFO"},
}
