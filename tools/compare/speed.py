"""How fast workers do jobs that are all there: from the start of the first to the end of the last."""

from redis import Redis

from labsupport.errors import LabError
from tools.compare.group import Group
from tools.compare.row import Row

TRIES = 30
"""Groups of jobs within which every process of a row must have got one."""


def measure(row: Row, url: str, small: int, waiting: int) -> dict[str, float]:
    """One turn of one row, on a server that is emptied: {small: seconds, waiting: seconds, memory: MiB, left: bytes}.

    small, waiting: how many jobs of each kind. left: what Redis still keeps of the small ones when they are done.
    """
    redis = Redis.from_url(url)
    redis.flushall()
    with Group(row, url) as group:
        warm_up(group)
        before = kept(redis)
        found = {"small": span(group, "small", small)}
        found |= {"left": max(kept(redis) - before, 0), "memory": group.memory()}
        return {**found, "waiting": span(group, "waiting", waiting)}


def kept(redis: Redis) -> int:
    """Bytes of all keys, without what the server needs for its connections."""
    pipeline = redis.pipeline(transaction=False)
    for key in redis.scan_iter(count=1000):
        pipeline.memory_usage(key, samples=0)
    return sum(size or 0 for size in pipeline.execute())


def warm_up(group: Group) -> None:
    """Return when every process has run a job: what a first job imports and connects is paid for then."""
    row, seen = group.row, set()
    for turn in range(1, TRIES + 1):
        number = 2 * row.processes
        group.enqueue("waiting", number)
        seen |= {line.parent if row.forks else line.pid for line in group.wait_for("waiting", turn * number)}
        if len(seen) == row.processes:
            group.ledger.write_text("")
            return
    raise LabError(f"{row.name}: {len(seen)} of {row.processes} processes took a job in {TRIES} groups of jobs.")


def span(group: Group, job: str, number: int) -> float:
    """Seconds from the start of the first job to the end of the last. All are enqueued while the workers are stopped,
    so that neither the enqueueing nor how soon idle workers look counts."""
    group.freeze()
    try:
        group.enqueue(job, number)
    finally:
        group.thaw()
    ran = group.wait_for(job, number)
    return max(line.end for line in ran) - min(line.start for line in ran)
