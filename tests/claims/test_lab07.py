"""What 07-observe says of RQ, Redis and Prometheus and shows in no cell."""

import time
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest
import rq_dashboard.cli
import rq_dashboard.web
from click.testing import CliRunner
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.exposition import start_http_server
from redis.connection import AbstractConnection
from redis.exceptions import ResponseError
from rq import Queue, SimpleWorker, Worker
from rq.cli import main as rq_command
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from labsupport.measure import rules
from labsupport.measure.recorder import LONGEST, STREAM
from labsupport.notifications import exporter


def test_a_killed_worker_is_known_for_eight_minutes(queue):
    """07-observe: "RQ forgets a killed worker when its registration expires, after up to eight minutes"."""
    worker = Worker([queue], connection=queue.connection, serializer=JSONSerializer)
    worker.register_birth()
    worker.heartbeat()
    assert 7 * 60 < queue.connection.ttl(worker.key) <= 8 * 60
    # Nothing but that expiry ends it: a second worker is born, and this one still counts.
    Worker([queue], connection=queue.connection, serializer=JSONSerializer).register_birth()
    assert worker.name in [one.name for one in Worker.all(queue=queue)]


def test_rq_info_cleans_up(lab, queue):
    """07-observe: "`rq info` is not only a reader: it cleans up as a worker's maintenance does"."""
    job = queue.enqueue("operator.truth", 1)
    worker = Worker([queue], connection=queue.connection, serializer=JSONSerializer)
    worker.register_birth()
    taken, _ = worker.dequeue_job_and_maintain_ttl(None)
    worker.prepare_execution(taken)
    worker.prepare_job_execution(taken)
    registry = queue.started_job_registry
    for member in queue.connection.zrange(registry.key, 0, -1):
        queue.connection.zadd(registry.key, {member: 1})  # its worker died long ago
    assert job.get_status() == JobStatus.STARTED
    shown = CliRunner().invoke(rq_command, ["info", "--url", lab.url, "--only-queues", "--raw"])
    assert f"queue {queue.name} 0, 0 executing, 0 finished, 1 failed" in shown.output
    assert job.get_status() == JobStatus.FAILED


def test_rq_dashboard_by_itself():
    """07-observe: "By itself, rq-dashboard listens at `0.0.0.0` […] A `GET /requeue/<queue>` puts failed jobs back", which
    tests/claims/test_lab10.py does; and it can delete."""
    (bind,) = (option for option in rq_dashboard.cli.run.params if option.name == "bind")
    assert bind.default == "0.0.0.0"
    assert callable(rq_dashboard.web.delete_job_view)


def test_rq_writes_no_stream_of_attempts(lab, queue):
    """07-observe: "The labs' workers, and not RQ by itself, write an event for each attempt into a **stream**"."""
    queue.enqueue("operator.truth", 1)
    SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)
    streams = {key for key in lab.redis.scan_iter() if lab.redis.type(key) == b"stream"}
    assert all(b":results:" in key for key in streams)  # a result each, and none for a failure that is retried
    assert not lab.redis.exists(STREAM)
    assert LONGEST >= 100_000  # it is cut, too: long after a reader should have come back


def test_counting_does_not_fetch(lab):
    """07-observe: "The exporter counts, and asks only the ten jobs at the head for their age. So the length does not matter":
    the number of commands is the same."""
    made = []
    for length in (30, 300):
        queue = Queue(f"of-{length}", connection=lab.redis, serializer=JSONSerializer)
        queue.enqueue_many([Queue.prepare_data("operator.truth", args=(1,)) for _ in range(length)])
        before = lab.redis.info("stats")["total_commands_processed"]
        list(exporter.Queues(lab.redis).collect())
        made.append(lab.redis.info("stats")["total_commands_processed"] - before)
        queue.delete()
    assert made[0] == made[1]


def test_a_scrape_makes_three_round_trips(lab, queue, monkeypatch):
    """07-observe: "A scrape makes three round trips to Redis"."""
    queue.enqueue("operator.truth", 1)
    Worker([queue], connection=lab.redis, serializer=JSONSerializer).register_birth()
    sent = []
    real = AbstractConnection.send_packed_command
    monkeypatch.setattr(
        AbstractConnection, "send_packed_command", lambda *given, **named: (sent.append(given), real(*given, **named))
    )
    list(exporter.Queues(lab.redis).collect())
    assert len(sent) == 3


def test_rq_exporter_asks_for_an_older_rq():
    """07-observe: "The package rq-exporter 3.1.0 needs an RQ before 3", as its page on PyPI says; the labs have a newer one."""
    assert int(version("rq").partition(".")[0]) >= 3


def test_no_limit_on_the_count_is_right():
    """07-observe: "With `for: 2m` the count is silent in the trouble, too […] thirty jobs are half a second's work with the
    quick provider, and fifteen seconds' with the slow one": the lab's day, on a machine that is never busy."""
    waiting, step, depth = 0.0, 0.25, {}
    for second in np.arange(0, 19, step):
        comes = 4 * (second < 14) + (60 / step) * (second == 2)
        done = 60 if second < 5 else 2 if second < 12 else 4
        waiting = max(0.0, waiting + (comes - done) * step)
        depth[second * 60] = float(waiting)
    count = {"alert": "at once", "expr": 'rq_jobs{status="queued"} > 30'}
    series = pd.DataFrame({'rq_jobs{status="queued"}': depth})
    first = rules.first([count, {**count, "alert": "for 2m", "for": "2m"}], series) / 60
    assert 2 <= first["at once"] < 3
    assert np.isnan(first["for 2m"])
    assert series[series.index > 300].max().item() > 10  # in the trouble


def test_buckets_count_the_smaller_ones_too():
    """07-observe: "Each of these **buckets** counts the smaller waits, too, and the last one, `inf`, has all"."""
    registry = CollectorRegistry()
    waits = Histogram("wait", "Seconds", buckets=[1, 2], registry=registry)
    for wait in (0.5, 1.5, 9):
        waits.observe(wait)
    counts = {bound: registry.get_sample_value("wait_bucket", {"le": bound}) for bound in ("1.0", "2.0", "+Inf")}
    assert counts == {"1.0": 1, "2.0": 2, "+Inf": 3}


def test_a_group_gives_what_it_gave_and_was_not_acked(lab):
    """07-observe: "With `id="$"` the group gets what comes from now on; with `id="0"`, all that is in the stream. To create it
    twice raises `ResponseError`"; and "Read from `"0"`, and Redis gives you again what you were given and have not acked"."""
    redis = lab.redis
    redis.xadd("lab07:events", {"n": 1})
    redis.xgroup_create("lab07:events", "late", id="$")
    assert redis.xreadgroup("late", "me", {"lab07:events": ">"}) == []
    redis.xgroup_create("lab07:events", "alarms", id="0")
    with pytest.raises(ResponseError, match="BUSYGROUP"):
        redis.xgroup_create("lab07:events", "alarms", id="0")
    ((_, first),) = redis.xreadgroup("alarms", "me", {"lab07:events": ">"})
    assert redis.xreadgroup("alarms", "me", {"lab07:events": ">"}) == []
    assert redis.xreadgroup("alarms", "me", {"lab07:events": "0"}) == [[b"lab07:events", first]]
    redis.xack("lab07:events", "alarms", first[0][0])
    assert redis.xreadgroup("alarms", "me", {"lab07:events": "0"}) == [[b"lab07:events", []]]
    redis.delete("lab07:events")


def test_prometheus_client_listens_everywhere_unless_told():
    """exporter.py says its address, since prometheus_client's default is every address."""
    assert start_http_server.__defaults__[0] == "0.0.0.0"


def test_an_expired_job_leaves_its_id(queue):
    """how-old: "behind it is the id of one that expired (ttl) before a worker took it"."""
    job = queue.enqueue("operator.truth", 1, ttl=1)
    while Job.exists(job.id, connection=queue.connection):
        time.sleep(0.05)
    assert queue.get_job_ids() == [job.id]
    assert queue.get_jobs() == []
