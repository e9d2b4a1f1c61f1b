"""Redis in Docker, as `docker-compose.yml` has it."""

import os
import shutil
import subprocess

from labsupport.errors import LabError
from labsupport.paths import CHECKOUT
from labsupport.waiting import wait_until

PATIENCE = 60
"""Seconds until Redis must be healthy."""


def start() -> str:
    """Start Redis in Docker, wait until it is healthy, and return its URL.

    Raises LabError, in one or two lines, if there is no Docker Compose, or if Redis does not become healthy.
    """
    compose = ["docker", "compose"]
    if shutil.which("docker") is None or subprocess.run([*compose, "version"], capture_output=True).returncode:
        compose = ["docker-compose"]
        if shutil.which("docker-compose") is None:
            raise LabError("Docker Compose is not installed. Install Docker, or use make lab, which needs none.")
    up = subprocess.run([*compose, "up", "-d", "redis"], cwd=CHECKOUT, capture_output=True, text=True)
    if up.returncode:
        said = [line for line in up.stderr.splitlines() if line.strip()] or ["it said nothing"]
        raise LabError(
            f"Docker could not start Redis: {said[-1].strip()}\n"
            "See that Docker runs, and that the port is free (REDIS_PORT=6380 make lab-docker takes another)."
        )
    found = subprocess.run([*compose, "ps", "-q", "redis"], cwd=CHECKOUT, capture_output=True, text=True)
    inspect = ["docker", "inspect", "--format", "{{.State.Health.Status}}", found.stdout.strip()]

    def state() -> str:
        return subprocess.run(inspect, capture_output=True, text=True).stdout.strip()

    wait_until(
        lambda: state() == "healthy",
        lambda: f"Redis in Docker is {state() or 'not there'}. See: {' '.join(compose)} logs redis",
        PATIENCE,
        every=0.2,
    )
    password, port = os.environ.get("REDIS_PASSWORD") or "development", os.environ.get("REDIS_PORT") or 6379
    return f"redis://:{password}@127.0.0.1:{port}"
