"""An open-loop load: requests leave at a fixed rate, whether or not the earlier ones were answered.

A closed loop, where each client waits for its answer before it asks again, slows down with the server and so hides how
long users would have waited ("coordinated omission"; G. Tene, How NOT to Measure Latency, 2013). Here each latency is
counted from the moment at which the request was due.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack

import httpx
import pandas as pd

from labsupport.measure.attempts import delays
from labsupport.waiting import wait_until

TIMEOUT = 10.0
"""Seconds after which a user has given up."""

MOST = 400
"""Requests under way at once; one that is due beyond it is not sent, and its status says so."""

POOLS = 8
"""Of connections: httpx searches one of hundreds for each request, and would be late itself."""

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
    rows: list[dict] = []
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


def summary(requests: pd.DataFrame) -> pd.Series:
    """Of one load: `p50`, `p95` and `p99` of the latency in seconds; `throughput`, good answers per second; and `late`,
    the 99th percentile of the seconds by which the client itself sent too late. When that is more than a small part of
    the latency, it is the client that has reached its limit.
    """
    good = (requests["status"] // 100 == 2).sum()
    quantiles = requests["latency"].quantile([0.5, 0.95, 0.99]).set_axis(["p50", "p95", "p99"])
    seconds = requests["answered"].max() - requests["due"].min()
    late = (requests["sent"] - requests["due"]).quantile(0.99)
    return pd.concat([quantiles, pd.Series({"throughput": good / seconds, "late": late})])


def curves(
    rates: Sequence[float], in_request: Sequence[pd.DataFrame], queued: Sequence[pd.DataFrame], attempts: pd.DataFrame
) -> pd.DataFrame:
    """Two ways to answer at the same rates of requests per second: one row per rate, which is the index.

    in_request, queued: one load for each rate, as `open_loop` gives them. attempts: those of the queued ones.

    Columns: `in request`, `queued` and `done`, the 95th percentile in seconds of the latency with the work in the
    request, of the latency with the work queued, and of the time from enqueued to done; and the same with ` per second`,
    answers or jobs per second.
    """
    rows = []
    for one, other in zip(in_request, queued, strict=True):
        waited, answered = summary(one), summary(other)
        done = delays(attempts[attempts["enqueued"].between(other["due"].min(), other["answered"].max())])
        span = (done["enqueued"] + done["delay"]).max() - other["due"].min()
        rows.append(
            {
                "in request": waited.p95,
                "queued": answered.p95,
                "done": done["delay"].quantile(0.95),
                "in request per second": waited.throughput,
                "queued per second": answered.throughput,
                "done per second": len(done) / span,
            }
        )
    return pd.DataFrame(rows, index=pd.Index(rates, name="rate"))


async def _send(
    method: str, url: str, json: object, rate: float, number: int, rows: list[dict], begun: Future[float]
) -> None:
    under_way: set[asyncio.Task] = set()
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


async def _one(client: httpx.AsyncClient, method: str, url: str, json: object, due: float, rows: list[dict]) -> None:
    sent = time.time()
    try:
        request = client.request(method, url, json=json)
        answer = await asyncio.wait_for(request, max(0.0, due + TIMEOUT - sent))
        status, job = answer.status_code, answer.headers.get("Location", "").rpartition("/")[2]
    except (httpx.HTTPError, asyncio.TimeoutError):
        status, job = NO_ANSWER, ""
    rows.append({"due": due, "sent": sent, "answered": time.time(), "status": status, "job": job})
