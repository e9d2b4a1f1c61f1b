"""RQ's settings file: `rq worker --config`. RQ takes the names in capitals, when a worker starts."""

from . import sentinel, settings
from .service_worker import patience

if addresses := settings.sentinels():
    name, login = sentinel.named(settings.redis_url())
    SENTINEL = {
        "INSTANCES": addresses,
        "MASTER_NAME": name,
        # Patient without `--connection-class`, which RQ does not look at here (rq 3.0: cli/helpers.py).
        "CONNECTION_KWARGS": {**login, "connection_class": sentinel.AskingConnection, "retry": patience()},
        "SENTINEL_KWARGS": sentinel.asked(settings.sentinel_password()),
    }
else:
    REDIS_URL = settings.redis_url()
QUEUES = [settings.QUEUE_NAME]
DICT_CONFIG = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(message)s"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stdout"}},
    "root": {"handlers": ["stdout"], "level": "INFO"},
}
