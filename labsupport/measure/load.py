"""An open-loop load: requests leave at a fixed rate, whether or not the earlier ones were answered.

A closed loop, where each client waits for its answer before it asks again, slows down with the server and so hides how
long users would have waited ("coordinated omission"; G. Tene, How NOT to Measure Latency, 2013). Here each latency is
counted from the moment at which the request was due.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import TypeVar

import httpx
import pandas as pd

from labsupport.errors import LabError
from labsupport.measure.attempts import delays
from labsupport.waiting import wait_until

TIMEOUT = 10.0
"""Seconds after which a user has given up."""

MOST = 400
"""Requests under way at once; one that is due beyond it is not sent, and its status says so."""

POOLS = 8
"""Of connections: httpx searches one of hundreds for each request, and would be late itself."""

Row = dict[str, object]

Added = TypeVar("Added")

NOT_SENT, NO_ANSWER = -1, 0
"""Statuses of requests without an answer."""


def open_loop(
    method: str,
    url: str,
    rate: float,
    seconds: float,
    *,
    json: object = None,
    at: dict[float, Callable[[], object]] | None = None,
) -> pd.DataFrame:
    """Send `rate` requests per second for `seconds`, and return when each has its answer, or TIMEOUT has passed.

    json: the body of each request.
    at: what to do meanwhile, by the seconds since the start.

    One row per request: due, sent and answered in seconds since the epoch (answered: when the answer came, or the
    request was given up; sent: NaN if it was not); status, the HTTP status, or NO_ANSWER or NOT_SENT; latency, from due
    to answered, NaN if it was not sent; job, the last part of the answer's Location, or empty.
    """
    number = round(rate * seconds)
    rows: list[Row] = []
    events = sorted((at or {}).items())
    with ThreadPoolExecutor(1) as thread:
        begun: Future[float] = Future()
        # A thread, since a notebook has a running loop already.
        sending = thread.submit(lambda: asyncio.run(_send(method, url, json, rate, number, rows, begun)))

        def done() -> bool:
            while events and begun.done() and time.time() - begun.result() >= events[0][0]:
                events.pop(0)[1]()
            return sending.done() and not (events and begun.done())

        wait_until(done, lambda: f"{len(rows)} of {number} requests answered", timeout=seconds + TIMEOUT + 60)
        sending.result()
    table = pd.DataFrame(rows, columns=["due", "sent", "answered", "status", "job"]).sort_values(
        "due", ignore_index=True
    )
    return table.assign(latency=(table["answered"] - table["due"]).where(table["sent"].notna()))


def feed(
    add: Callable[[], object],
    rate: float,
    seconds: float,
    *,
    ask: Callable[[], int],
    at: dict[float, Callable[[], object]] | None = None,
    every: float = 0.05,
) -> pd.Series[float]:
    """Call `add` at `rate` per second for `seconds`, whether or not what it added was done. Return when `ask` says 0.

    ask: asked every `every` seconds from the start to the end.
    at: what to do meanwhile, by the seconds since the start; each in a thread, so that nothing waits for it.

    What `ask` answered, by seconds since the epoch. Raises what one of them raised, or LabError a minute after the load.
    """
    asked: dict[float, int] = {}
    events = sorted((at or {}).items())
    begin, added, number = time.time(), 0, round(rate * seconds)
    with ThreadPoolExecutor(max(1, len(events))) as threads:
        under_way: list[Future[object]] = []

        def done() -> bool:
            nonlocal added
            past = time.time() - begin
            while added < number and added / rate <= past:
                add()
                added += 1
            while events and events[0][0] <= past:
                under_way.append(threads.submit(events.pop(0)[1]))
            asked[time.time()] = left = ask()
            return past >= seconds and not events and left == 0 and all(one.done() for one in under_way)

        end = begin + seconds + 60
        while not done():
            if time.time() > end:
                raise LabError(f"Gave up a minute after the load: {asked[max(asked)]} left. Is a worker running?")
            time.sleep(every)
        for one in under_way:
            one.result()
    return pd.Series(asked, dtype=float)


def play(moments: Iterable[float], add: Callable[[int], Added]) -> list[Added]:
    """Call `add(0)`, `add(1)`, … at these moments, in seconds from now, whether or not what was added is done.

    Returns what the calls returned. A call that comes late does not move the later ones.
    """
    begin = time.monotonic()
    added = []
    for number, moment in enumerate(moments):
        time.sleep(max(0.0, begin + moment - time.monotonic()))
        added.append(add(number))
    return added


def summary(requests: pd.DataFrame) -> pd.Series[float]:
    """Of one load: `p50`, `p95` and `p99` of the latency in seconds; `throughput`, good answers per second; and `late`,
    the 99th percentile of the seconds by which the client itself sent too late. When that is more than a small part of
    the latency, it is the client that has reached its limit.
    """
    good = (requests["status"] // 100 == 2).sum()
    seconds = requests["answered"].max() - requests["due"].min()
    late = (requests["sent"] - requests["due"]).quantile(0.99)
    return pd.Series({**_percentiles(requests["latency"]), "throughput": good / seconds, "late": late})


def done(requests: pd.DataFrame, attempts: pd.DataFrame) -> pd.Series[float]:
    """Of the jobs that one load enqueued: `p50`, `p95` and `p99` of the seconds from enqueued to done, and `throughput`, jobs
    done per second.

    attempts: those of any time; jobs that were enqueued before the load or after it are left out.
    """
    first = requests["due"].min()
    jobs = delays(attempts[attempts["enqueued"].between(first, requests["answered"].max())])
    seconds = (jobs["enqueued"] + jobs["delay"]).max() - first
    return pd.Series({**_percentiles(jobs["delay"]), "throughput": len(jobs) / seconds})


def _percentiles(seconds: pd.Series[float]) -> dict[str, float]:
    return {f"p{percent}": float(seconds.quantile(percent / 100)) for percent in (50, 95, 99)}


def curves(
    rates: Sequence[float], in_request: Sequence[pd.DataFrame], queued: Sequence[pd.DataFrame], attempts: pd.DataFrame
) -> pd.DataFrame:
    """Two ways to answer at the same rates of requests per second: the table that `plots.who_waits` draws, a row per rate.

    in_request, queued: one load for each rate, as `open_loop` gives them. attempts: those of the queued ones.

    Columns: `in request`, `queued` and `done`, the p95 of `summary` and `done` in seconds; and the same with ` per second`,
    their throughput.
    """
    ways = {
        "in request": [summary(load) for load in in_request],
        "queued": [summary(load) for load in queued],
        "done": [done(load, attempts) for load in queued],
    }
    seconds = {way: [of["p95"] for of in loads] for way, loads in ways.items()}
    numbers = {f"{way} per second": [of["throughput"] for of in loads] for way, loads in ways.items()}
    return pd.DataFrame({**seconds, **numbers}, index=pd.Index(rates, name="rate"))


async def _send(
    method: str, url: str, json: object, rate: float, number: int, rows: list[Row], begun: Future[float]
) -> None:
    under_way: set[asyncio.Task[None]] = set()
    limits = httpx.Limits(max_connections=MOST // POOLS, max_keepalive_connections=MOST // POOLS)
    async with AsyncExitStack() as stack:
        secure = ssl.create_default_context()  # one for all: each takes some time to make
        pools = [
            httpx.AsyncClient(timeout=TIMEOUT, limits=limits, verify=secure, trust_env=False) for _ in range(POOLS)
        ]
        for pool in pools:
            await stack.enter_async_context(pool)
        begun.set_result(time.time())
        for n in range(number):
            due = begun.result() + n / rate
            await asyncio.sleep(max(0.0, due - time.time()))
            if len(under_way) >= MOST:
                nan = float("nan")
                rows.append({"due": due, "sent": nan, "answered": time.time(), "status": NOT_SENT, "job": ""})
                continue
            task = asyncio.create_task(_one(pools[n % POOLS], method, url, json, due, rows))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)


async def _one(client: httpx.AsyncClient, method: str, url: str, json: object, due: float, rows: list[Row]) -> None:
    sent = time.time()
    try:
        request = client.request(method, url, json=json)
        answer = await asyncio.wait_for(request, max(0.0, due + TIMEOUT - sent))
        status, job = answer.status_code, answer.headers.get("Location", "").rpartition("/")[2]
    except (httpx.HTTPError, asyncio.TimeoutError):
        status, job = NO_ANSWER, ""
    rows.append({"due": due, "sent": sent, "answered": time.time(), "status": status, "job": job})
