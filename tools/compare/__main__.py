"""`make compare`: every row takes its turn, then every row's worker is killed. Prints a table, and keeps it if told to.

.venv-compare/bin/python -m tools.compare [--jobs 1000] [--rounds 5] [--write FILE]
"""

import argparse
import importlib
import json
import os
import platform
import statistics
import sys
from datetime import date
from importlib import metadata
from pathlib import Path
from types import ModuleType

from labsupport.errors import LabError
from labsupport.processes.redis_server import EmbeddedServer, product
from tools.compare import death, speed
from tools.compare.group import SOON
from tools.compare.row import Row

MODULES = ("rq_app", "celery_app", "dramatiq_app", "taskiq_app", "huey_app")
PACKAGES = ("rq", "celery", "kombu", "dramatiq", "taskiq", "taskiq-redis", "huey", "redis")
DATABASES = 64
"""Of the server: each worker that is killed has one of its own."""


def rows() -> list[Row]:
    """All rows, RQ's fork first. REDIS_URL must be set: the applications read it."""
    modules: list[ModuleType] = [importlib.import_module(f"tools.compare.libraries.{name}") for name in MODULES]
    return [row for module in modules for row in module.ROWS]


def compare(jobs: int, rounds: int) -> dict:
    """All that is found, as it is kept. Raises LabError if a row's workers do not do their jobs in time."""
    load = os.getloadavg()[0]
    server = EmbeddedServer({"databases": DATABASES})
    try:
        os.environ["REDIS_URL"] = server.url
        chosen = rows()
        waiting = max(jobs // 10, 1)
        turns: dict[str, list[dict[str, float]]] = {row.name: [] for row in chosen}
        for number in range(1, rounds + 1):
            for row in chosen:
                print(f"round {number} of {rounds}: {row.name}", flush=True)
                turns[row.name].append(speed.measure(row, server.url, jobs, waiting))
        print("and now with kill -9, in about two minutes", flush=True)
        back = death.after_each(chosen, server.url)
        first = turns[chosen[0].name]
        return {
            "date": date.today().isoformat(),
            "machine": {
                "cores": os.cpu_count(),
                "system": f"{platform.system()} {platform.machine()}",
                "python": platform.python_version(),
                "server": product(server.redis),
                "load before": round(load, 2),
                "load after": round(os.getloadavg()[0], 2),
            },
            "versions": {name: metadata.version(name) for name in PACKAGES},
            "jobs": {"small": jobs, "waiting": waiting, "rounds": rounds, "redelivery": SOON},
            "rows": [summary(row, turns[row.name], first, jobs, back[row.name]) for row in chosen],
        }
    finally:
        server.close()


def summary(row: Row, own: list[dict], first: list[dict], jobs: int, back: dict[str, float | None]) -> dict:
    """A row as it is kept: medians, and medians of its ratios to the first row in the same round."""

    def median(name: str) -> float:
        return statistics.median(turn[name] for turn in own)

    def times_as_fast(name: str) -> float:
        pairs = zip(own, first, strict=True)
        return round(statistics.median(theirs[name] / turn[name] for turn, theirs in pairs), 2)

    return {
        "name": row.name,
        "how": row.how,
        "at once": row.at_once,
        "acknowledged": "late" if row.late else "early",
        "by": row.setting,
        "small jobs per second": round(jobs / median("small")),
        "slowest and fastest round": [round(jobs / pick(turn["small"] for turn in own)) for pick in (max, min)],
        "times as fast, small": times_as_fast("small"),
        "seconds for the waiting jobs": round(median("waiting"), 2),
        "times as fast, waiting": times_as_fast("waiting"),
        "MiB": round(median("memory")),
        "bytes left per small job": round(median("left") / jobs),
        "done after its process was killed, s": back["process"] and round(back["process"], 1),
        "done after all were killed, s": back["all"] and round(back["all"], 1),
        "setting that brings it back": row.wait and row.wait[0],
        "its default, s": row.wait and row.wait[1],
    }


def table(found: dict) -> list[str]:
    """What was found, in lines."""
    lines = [
        f"{'':<23}{'small/s':>8}{'waiting, s':>12}{'MiB':>6}  acknowledged   done after kill -9 of: process    all"
    ]
    for row in found["rows"]:
        killed = [row[f"done after {who} killed, s"] for who in ("its process was", "all were")]
        after = [f"{'lost' if value is None else f'{value:.1f} s':>10}" for value in killed]
        numbers = f"{row['small jobs per second']:>8,}{row['seconds for the waiting jobs']:>12.2f}{row['MiB']:>6.0f}"
        lines.append(f"{row['name']:<23}{numbers}  {row['acknowledged']:<35}{''.join(after)}")
    return lines


def not_as_said(found: dict) -> list[str]:
    """Rows whose job did not fare as `acknowledged` says when its worker was killed."""
    return [
        row["name"]
        for row in found["rows"]
        for who in ("its process was", "all were")
        if (row["acknowledged"] == "late") == (row[f"done after {who} killed, s"] is None)
    ]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="compare", description="RQ beside the libraries that people move to.")
    parser.add_argument("--jobs", type=int, default=1000, help="small jobs; a tenth as many wait (default: 1000)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each (default: 5)")
    parser.add_argument("--write", type=Path, help="a JSON file to keep it in")
    chosen = parser.parse_args(arguments)
    found = compare(chosen.jobs, chosen.rounds)
    print("\n".join(["", *table(found)]))
    if wrong := not_as_said(found):
        raise LabError(f"A killed worker's job did not fare as its row says: {', '.join(wrong)}. Nothing is kept.")
    if chosen.write:
        chosen.write.write_text(json.dumps(found, indent=1) + "\n", encoding="utf8")
        print(f"\nkept in {chosen.write}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except LabError as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        sys.exit(130)
