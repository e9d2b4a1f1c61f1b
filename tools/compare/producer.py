"""Enqueues jobs by a library's own call, one by one, in a process of its own, as an application would.

It reads lines `job number`, and answers each with a line when the jobs are enqueued:

    python -m tools.compare.producer celery_app
"""

import importlib
import sys


def main(module: str) -> None:
    application = importlib.import_module(f"tools.compare.libraries.{module}")
    for line in sys.stdin:
        job, number = line.split()
        application.enqueue(job, int(number))
        print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
