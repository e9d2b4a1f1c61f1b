"""Ratios of this kit, measured side by side in one run on this machine: `make bench`.

`make bench PART=requests` measures the API's requests alone, in half a minute, PART=watching what watching costs,
PART=sweeping the crash sweep.

Each line: what is compared, the ratio (medians of rounds that take turns), and what it must be.
"""

import asyncio
import contextlib
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable

import httpx
import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport import namespace
from labsupport.experiments import twin
from labsupport.experiments.sweep import sweep
from labsupport.measure import load, peek, plots
from labsupport.measure.attempts import AttemptLog, waits
from labsupport.measure.panel import Panel
from labsupport.notifications.provider import Provider
from labsupport.notifications.queue import notification_queue
from labsupport.processes import node, services, workers
from labsupport.processes.redis_server import EmbeddedServer
from labsupport.session import Lab

matplotlib.use("agg")
NOOP = "operator.truth"


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turns(rounds: int, *measures: Callable[[], float]) -> list[float]:
    """The median of each measure, over rounds in which all take their turn."""
    results = [[measure() for measure in measures] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*results, strict=True)]


def working_time(lab: Lab, queue: Queue, function: str, number: int, count: int, worker_class: str) -> float:
    """Seconds that `count` workers, which all listen already, need for `number` jobs: from the first start to
    the last end, by what RQ itself noted in the jobs."""
    command = workers.WorkerCommand([queue], worker_class)
    group = workers.start(command, [f"worker-{n}" for n in range(1, count + 1)], lab.folder, brief=True)
    jobs = queue.enqueue_many([Queue.prepare_data(function, args=(1,)) for _ in range(number)])
    lab.wait(*jobs, timeout=300)
    group.stop()
    done = Job.fetch_many([job.id for job in jobs], connection=lab.redis, serializer=JSONSerializer)
    return (max(job.ended_at for job in done) - min(job.started_at for job in done)).total_seconds()


def recording(lab: Lab, queue: Queue) -> float:
    def run(worker_class: str) -> Callable[[], float]:
        return lambda: working_time(lab, queue, NOOP, 200, 1, worker_class)

    plain, recorded = in_turns(9, run("rq.Worker"), run("labsupport.measure.recorder.RecordingWorker"))
    return plain / recorded


def watching(lab: Lab, queue: Queue) -> float:
    """Throughput of a worker that records each attempt, with an exporter that is asked every second ÷ of a plain one."""

    def watched() -> float:
        service = lab.exporter()
        over = threading.Event()

        def scrape() -> None:
            with httpx.Client(trust_env=False) as client:
                while not over.wait(1):
                    assert "rq_workers" in client.get(f"{service.url}/metrics").text

        thread = threading.Thread(target=scrape)
        thread.start()
        try:
            return working_time(lab, queue, NOOP, 200, 1, "labsupport.measure.recorder.RecordingWorker")
        finally:
            over.set()
            thread.join()
            service.kill()

    plain, observed = in_turns(9, lambda: working_time(lab, queue, NOOP, 200, 1, "rq.Worker"), watched)
    return plain / observed


def redraws(server: EmbeddedServer, queue: Queue) -> float:
    """How often a second the live panel can be drawn, with 10,000 attempts behind it and 100 jobs waiting."""
    write_attempts(server, "attempts-now", 10_000, since=time.time() - 100)
    queue.enqueue_many([Queue.prepare_data(NOOP, args=(1,)) for _ in range(100)])
    panel = Panel(AttemptLog(server.redis, "attempts-now").read, lambda: peek.unended(queue), lambda: None)
    panel.end()  # its own thread keeps to ten
    (drawing,) = in_turns(50, lambda: seconds(panel.draw))
    queue.empty()
    return 1 / drawing


def sweeping(lab: Lab, queue: Queue) -> float:
    """Seconds per crash point of a sweep ÷ seconds of one `rq worker --burst` with the same job."""
    points = range(1, 49)

    def burst() -> float:
        queue.enqueue(NOOP, 1)
        return seconds(lambda: lab.workers(queue, burst=True).wait())

    def swept() -> float:
        return seconds(lambda: sweep(NOOP, 1, points=points)) / len(points)

    swept()  # its helper starts
    one, point = in_turns(5, burst, swept)
    return point / one


LISTENS = """
import { Worker } from 'bullmq'
const worker = new Worker('bench', async () => {}, { connection: { url: process.env.REDIS_URL } })
await worker.waitUntilReady()
console.log('listening')
"""


def starting(lab: Lab, queue: Queue) -> float:
    """Seconds until a BullMQ worker listens ÷ until an RQ worker does."""
    lab.bullmq()
    file = lab.folder / "listens.mjs"
    file.write_text(LISTENS)
    started: list[node.Script | workers.WorkerGroup] = []

    def ended(start: Callable[[], node.Script | workers.WorkerGroup]) -> float:
        try:
            return seconds(lambda: started.append(start()))
        finally:
            started.pop().end()

    theirs, ours = in_turns(7, lambda: ended(lambda: lab.node(str(file))), lambda: ended(lambda: lab.workers(queue)))
    return theirs / ours


def snapshot(lab: Lab, queue: Queue) -> float:
    short, long = (Queue(name, connection=lab.redis, serializer=JSONSerializer) for name in ("short", "long"))
    for target, length in ((short, 100), (long, 100_000)):
        for begin in range(0, length, 20_000):
            lab.redis.rpush(target.key, *range(begin, begin + min(length, 20_000)))

    def of(target: Queue) -> Callable[[], float]:
        return lambda: seconds(lambda: [peek.counts(target) for _ in range(50)])

    small, large = in_turns(30, of(short), of(long))
    lab.redis.delete(short.key, long.key)
    return large / small


def write_attempts(server: EmbeddedServer, key: str, number: int, since: float = 0.0) -> None:
    rng = np.random.default_rng(0)
    starts = (since + np.cumsum(rng.exponential(0.01, number))).tolist()
    pipe = server.redis.pipeline(transaction=False)
    for n, start in enumerate(starts):
        event = {"job": f"job-{n}", "queue": "q", "function": "module.function", "worker": f"worker-{n % 4 + 1}"}
        event |= {"enqueued": start, "started": start + 0.05 + 0.01 * (n % 7), "ended": start + 0.2}
        event |= {"outcome": "finished" if n % 10 else "retried", "error": "" if n % 10 else "ValueError"}
        pipe.xadd(key, event)
        if n % 5000 == 4999:
            pipe.execute()
    pipe.execute()


def reading(server: EmbeddedServer) -> tuple[float, float]:
    for number in (10_000, 100_000):
        write_attempts(server, f"attempts-{number}", number)

    def read(number: int) -> Callable[[], float]:
        return lambda: seconds(lambda: AttemptLog(server.redis, f"attempts-{number}").read())

    small, large = in_turns(5, read(10_000), read(100_000))
    return large / small, 100_000 / large


def drawing(server: EmbeddedServer) -> float:
    table = AttemptLog(server.redis, "attempts-10000").read()

    def ours() -> None:
        ax = plt.subplots()[1]
        with contextlib.redirect_stdout(None):
            plots.lanes(table, ax=ax)
        ax.figure.canvas.draw()
        plt.close(ax.figure)

    def bare() -> None:
        figure, ax = plt.subplots()
        start = table["enqueued"].min()
        for lane, (_, rows) in enumerate(table.groupby("worker")):
            spans = pd.DataFrame({"at": rows["started"] - start, "width": rows["ended"] - rows["started"]})
            ax.broken_barh(
                list(spans.itertuples(index=False, name=None)), (lane - 0.3, 0.6), edgecolor="white", linewidth=0.4
            )
        figure.canvas.draw()
        plt.close(figure)

    own, plain = in_turns(7, lambda: seconds(ours), lambda: seconds(bare))
    return own / plain


def scaling(lab: Lab, queue: Queue) -> dict[int, float]:
    def run(count: int) -> float:
        return working_time(lab, queue, "time.sleep", 16, count, "labsupport.measure.recorder.RecordingWorker")

    one = run(1)
    return {count: one / run(count) / count for count in (2, 4, 8)}


def foreseen(lab: Lab, queue: Queue) -> float:
    """Mean wait with two workers as the model has it, from a record of three ÷ as it was then measured."""
    gaps, runs = twin.plan(100, seed=272)
    runs = 0.1 * runs

    def run(count: int) -> pd.DataFrame:
        command = workers.WorkerCommand([queue], "labsupport.measure.recorder.RecordingSimpleWorker")
        group = workers.start(command, [f"worker-{n}" for n in range(1, count + 1)], lab.folder, brief=True)
        arrivals = gaps.cumsum() * runs.mean() / (2 * 0.9)
        lab.wait(*load.play(arrivals, lambda n: queue.enqueue("time.sleep", runs[n])), timeout=300)
        group.stop()
        return lab.attempts().tail(len(runs))

    def ratio() -> float:
        three = run(3)
        arrived, ran = twin.recorded(three)
        predicted = twin.waits(arrived, ran + twin.overhead(three), 2)
        return float(predicted.mean() / waits(run(2)).mean())

    (median,) = in_turns(3, ratio)
    return median


def enqueueing(lab: Lab, queue: Queue) -> float:
    def loop() -> float:
        queue.empty()
        return seconds(lambda: [queue.enqueue(NOOP, 1) for _ in range(1000)])

    def many() -> float:
        queue.empty()
        return seconds(lambda: queue.enqueue_many([Queue.prepare_data(NOOP, args=(1,)) for _ in range(1000)]))

    one_by_one, all_at_once = in_turns(5, loop, many)
    queue.empty()
    return one_by_one / all_at_once


BARE = """
from fastapi import FastAPI
from labsupport.notifications import settings

api, redis = FastAPI(), settings.connect_briefly()


@api.post("/notifications", status_code=202)
def push(data: dict) -> None:
    redis.lpush("bench:bare", str(data))
"""
"""An endpoint that does one LPUSH and nothing else: no checks, no limit, no job."""


def closed_loop(url: str, seconds: float = 2.0, users: int = 4) -> tuple[float, float]:
    """(answers per second, 99th percentile of the latency in seconds) with `users` who ask again and again."""

    async def user(client: httpx.AsyncClient, latencies: list[float]) -> None:
        end = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < end:
            answer = await client.post(url, json={"message": "Hello"})
            assert answer.status_code == 202, answer.text
            latencies.append(time.perf_counter() - begun)

    async def all_users() -> list[float]:
        latencies: list[float] = []
        async with httpx.AsyncClient() as client:
            await asyncio.gather(*[user(client, latencies) for _ in range(users)])
        return latencies

    latencies = asyncio.run(all_users())
    return len(latencies) / seconds, float(np.quantile(latencies, 0.99))


def endpoints(lab: Lab) -> tuple[float, float]:
    """Throughput and p99 of the queued endpoint ÷ those of the bare one."""
    (lab.folder / "bench_bare.py").write_text(BARE)
    path = os.pathsep.join(filter(None, [str(lab.folder), os.environ.get("PYTHONPATH")]))
    bare = services.api("bench_bare:api", lab.folder, PYTHONPATH=path)
    full = lab.serve("labsupport.notifications.api:api", NOTIFICATIONS_LONGEST_QUEUE=1_000_000)
    queue = notification_queue(lab.redis)
    ratios = []
    for _ in range(5):
        rate, late = closed_loop(f"{full.url}/notifications")
        queue.empty()
        bare_rate, bare_late = closed_loop(f"{bare.url}/notifications")
        lab.redis.delete("bench:bare")
        ratios.append((rate / bare_rate, late / bare_late))
    bare.kill()
    full.kill()
    return tuple(statistics.median(column) for column in zip(*ratios, strict=True))


def in_request(lab: Lab) -> float:
    """Median latency with the work in the request ÷ with the work queued, at a load that both can take."""
    queued = lab.serve("labsupport.notifications.api:api", NOTIFICATIONS_THREADS=4)
    waiting = lab.serve("labsupport.experiments.in_request:api", NOTIFICATIONS_THREADS=4)
    Provider(lab.redis).behave(latency=0.2)
    queue = notification_queue(lab.redis)

    def of(api: services.Service) -> Callable[[], float]:
        return lambda: load.summary(load.open_loop("GET", f"{api.url}/users", 10, 2)).p50

    slow, fast = in_turns(3, of(waiting), of(queued))
    queue.empty()
    for api in (queued, waiting):
        api.kill()
    return slow / fast


def main(only: list[str]) -> None:
    missed = []

    def line(what: str, ratio: float, least: float | None = None, most: float | None = None) -> None:
        fine = (least is None or ratio >= least) and (most is None or ratio <= most)
        wanted = f"at least {least}" if least is not None else f"at most {most}" if most is not None else ""
        rows.append(f"{what:<74} {ratio:8.2f}  {wanted:<14}{'' if fine else ' MISSED'}")
        if not fine:
            missed.append(what)

    def requests() -> None:
        with contextlib.redirect_stdout(None):
            rate, late = endpoints(lab)
        line("requests per second, POST /notifications ÷ an endpoint that does one LPUSH", rate, least=0.7)
        line("99th percentile, the same ÷ the same", late, most=1.4)

    def crashing() -> None:
        with contextlib.redirect_stdout(None):
            ratio = sweeping(lab, queue)
            start = starting(lab, queue)
        line("seconds per crash point of a sweep ÷ one rq worker --burst", ratio, most=0.2)
        line("seconds until a BullMQ worker listens ÷ an RQ worker", start, most=1.5)

    def finish() -> None:
        print("\n".join(["", *rows]))
        sys.exit(f"missed: {', '.join(missed)}" if missed else 0)

    rows: list[str] = []
    names = namespace.claim()
    lab = Lab(names)
    lab.open()
    assert not names.url, "measure on an embedded server: unset REDIS_URL"
    if only == ["requests"]:
        requests()
        finish()
    queue = Queue("bench", connection=lab.redis, serializer=JSONSerializer)
    server = EmbeddedServer()

    def observing() -> None:
        with contextlib.redirect_stdout(None):
            watched = watching(lab, queue)
        line("throughput, recorded, and scraped every second ÷ plain rq worker", watched, least=0.97)
        line("drawings per second of the live panel, 10,000 attempts behind it", redraws(server, queue), least=10)

    if only == ["watching"]:
        observing()
        server.close()
        finish()
    if only == ["sweeping"]:
        crashing()
        server.close()
        finish()
    print("About five minutes…", flush=True)
    with contextlib.redirect_stdout(None):
        recorded, scaled = recording(lab, queue), scaling(lab, queue)
        waited = in_request(lab)
        predicted = foreseen(lab, queue)
    line("throughput, recording worker ÷ plain rq worker", recorded, least=0.97)
    line("snapshot, 100,000 queued ÷ 100 queued", snapshot(lab, queue), most=1.3)
    growth, per_second = reading(server)
    line("reading attempts, 100,000 ÷ 10,000", growth, most=11)
    line("drawing 10,000 attempts ÷ bare matplotlib, as many bars", drawing(server), most=1.5)
    for count, ratio in scaled.items():
        line(f"sleeping jobs, {count} workers ÷ 1, of the ideal", ratio, least=0.9)
    line("jobs per second, enqueue_many ÷ enqueue", enqueueing(lab, queue))
    observing()
    crashing()
    requests()
    line("median latency with 0.2 s of work, in the request ÷ queued", waited)
    line("mean wait with two workers, by the model from a record of three ÷ measured", predicted, least=0.7, most=1.3)
    server.close()
    rows.append(f"(reading: {per_second:,.0f} attempts per second)")
    finish()


if __name__ == "__main__":
    main(sys.argv[1:])
