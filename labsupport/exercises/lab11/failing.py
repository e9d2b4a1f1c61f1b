"""A job that fails, and counts how often. It has a module of its own, since a work-horse imports it for each attempt."""

from rq import get_current_job

MOST = 9
"""Attempts after which a job has been tried often enough."""


def fail() -> None:
    job = get_current_job()
    job.meta["attempts"] = job.meta.get("attempts", 0) + 1
    job.save_meta()
    raise ConnectionError("the provider is down")
