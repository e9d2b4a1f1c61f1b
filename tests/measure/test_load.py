"""The open-loop client, against a small server that answers as it is told."""

import contextlib
import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pandas as pd
import pytest

from labsupport.measure import load


@pytest.fixture
def target():
    """(URL, how to answer): `how` is set to a function of the request's number, which returns a status."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            with lock:
                how["seen"] += 1
                number = how["seen"]
            status = how["answer"](number)
            self.send_response(status)
            self.send_header("Location", f"/jobs/{number}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    how, lock = {"seen": 0, "answer": lambda number: 202}, threading.Lock()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", how
    server.shutdown()
    server.server_close()


def test_one_row_per_request_at_the_rate(target):
    url, _ = target
    requests = load.open_loop("POST", url, rate=50, seconds=1, json={})
    assert len(requests) == 50
    assert list(requests.columns) == ["due", "sent", "answered", "status", "job", "latency"]
    assert set(requests["status"]) == {202}
    assert sorted(requests["job"], key=int) == [str(n) for n in range(1, 51)]
    assert requests["due"].diff().dropna().round(6).eq(0.02).all()
    assert (requests["sent"] >= requests["due"]).all()
    assert requests["latency"].equals(requests["answered"] - requests["due"])


def test_a_slow_server_does_not_slow_the_client(target):
    """The server answers nothing until all requests have been sent."""
    url, how = target
    all_here = threading.Event()

    def answer(number):
        if number == 30:
            all_here.set()
        return 202 if all_here.wait(timeout=30) else 500

    how["answer"] = answer
    requests = load.open_loop("POST", url, rate=30, seconds=1)
    assert set(requests["status"]) == {202}
    assert requests["latency"].max() >= 0.9  # the first one waited for the last
    assert requests["sent"].max() < requests["answered"].min()


def test_events_happen_while_the_load_runs(target):
    url, how = target
    requests = load.open_loop(
        "POST", url, rate=50, seconds=1, at={0.5: lambda: how.update(answer=lambda number: 503), 0.1: lambda: None}
    )
    kinds = list(requests["status"])
    assert set(kinds) == {202, 503}
    assert kinds[0] == 202
    assert kinds[-1] == 503


def test_bounded(target, monkeypatch):
    """Not more than MOST under way, and none longer than TIMEOUT: both are said, not hidden."""
    url, how = target
    monkeypatch.setattr(load, "MOST", 5)
    monkeypatch.setattr(load, "TIMEOUT", 2.0)
    release = threading.Event()
    how["answer"] = lambda number: 202 if release.wait(timeout=20) else 500
    begun = time.monotonic()
    requests = load.open_loop("POST", url, rate=20, seconds=0.5)
    release.set()
    assert list(requests["status"].value_counts().sort_index().items()) == [(load.NOT_SENT, 5), (load.NO_ANSWER, 5)]
    assert requests["sent"].isna().sum() == 5
    assert requests["latency"].isna().sum() == 5  # and no quick answers, either
    assert time.monotonic() - begun < 15


def test_an_answer_that_drips_is_given_up(monkeypatch):
    """TIMEOUT is for the whole answer."""
    monkeypatch.setattr(load, "TIMEOUT", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            connection, _ = server.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
                for _ in range(100):
                    time.sleep(0.1)
                    connection.sendall(b".")

        threading.Thread(target=drip, daemon=True).start()
        requests = load.open_loop("GET", f"http://127.0.0.1:{server.getsockname()[1]}/", rate=1, seconds=1)
    assert list(requests["status"]) == [load.NO_ANSWER]
    assert requests["latency"].max() < 5


def test_summary():
    due = [float(n) for n in range(100)]
    answered = [n + (n + 1) / 100 for n in due]
    requests = pd.DataFrame({"due": due, "answered": answered, "status": [202] * 50 + [503] * 50})
    requests["sent"] = [moment + n / 1000 for n, moment in enumerate(due)]
    summary = load.summary(requests.assign(latency=requests["answered"] - requests["due"]))
    assert summary.round(3).to_dict() == {"p50": 0.505, "p95": 0.951, "p99": 0.99, "throughput": 0.5, "late": 0.098}


def test_curves_put_each_rate_beside_its_jobs():
    def load_of(start, latency):
        due = [start + n / 10 for n in range(10)]
        rows = pd.DataFrame({"due": due, "sent": due, "answered": [moment + latency for moment in due], "status": 200})
        return rows.assign(latency=latency)

    queued = [load_of(0.0, 0.01), load_of(100.0, 0.01)]
    jobs = [
        (f"job-{start}-{n}", start + n / 10, start + n / 10 + delay, "finished", 1)
        for start, delay in ((0.0, 0.5), (100.0, 3.1))
        for n in range(10)
    ]
    attempts = pd.DataFrame(jobs, columns=["job", "enqueued", "ended", "outcome", "attempt"])
    curves = load.curves([5, 10], [load_of(0.0, 0.2), load_of(0.0, 1.1)], queued, attempts)
    assert list(curves.index) == [5, 10]
    assert curves["in request"].round(6).tolist() == [0.2, 1.1]
    assert curves["queued"].round(6).tolist() == [0.01, 0.01]
    assert curves["done"].round(6).tolist() == [0.5, 3.1]
    assert curves["in request per second"].round(3).tolist() == [9.091, 5.0]
    assert curves["done per second"].round(3).tolist() == [7.143, 2.5]


def test_done_is_of_the_jobs_of_one_load():
    due = [1000.0 + n / 10 for n in range(10)]
    requests = pd.DataFrame({"due": due, "sent": due, "answered": due, "status": 200, "latency": [0.1] * 9 + [2.0]})
    jobs = pd.DataFrame({"job": list("abcdefghij"), "enqueued": due, "outcome": "finished", "attempt": 1})
    jobs["ended"] = jobs["enqueued"] + 4
    assert load.done(requests, jobs)["p95"] == 4
    assert load.done(requests, jobs)["throughput"] == pytest.approx(10 / 4.9)
    earlier = jobs.assign(job=jobs["job"] + "-before", enqueued=jobs["enqueued"] - 100)
    assert load.done(requests, pd.concat([earlier, jobs])).equals(load.done(requests, jobs))


def test_nobody_listens():
    # Bound and not listening: the port is ours, so nobody else can answer on it.
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        requests = load.open_loop("GET", f"http://127.0.0.1:{held.getsockname()[1]}/", rate=20, seconds=0.2)
    assert set(requests["status"]) == {load.NO_ANSWER}


def test_a_proxy_is_not_asked_for_this_machine(target, monkeypatch):
    url, _ = target
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{held.getsockname()[1]}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        requests = load.open_loop("POST", url, rate=20, seconds=0.2)
    assert set(requests["status"]) == {202}


def test_neither_do_the_readers_own_clients_once_a_lab_is_open(lab, target, monkeypatch):
    url, _ = target
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{held.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "intranet.example")
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(httpx.ConnectError):
            httpx.post(url)
        lab.open()
        assert httpx.post(url).status_code == 202
        assert os.environ["no_proxy"].split(",")[0] == "intranet.example"  # what they had, they keep
        lab.open()
        assert os.environ["no_proxy"].count("127.0.0.1") == 1


class TestFeed:
    def test_it_keeps_its_rate_asks_and_does_the_rest_meanwhile(self):
        left, done = [], []
        asked = load.feed(
            lambda: left.append(1), 50, 0.5, ask=lambda: len(left), at={0.2: lambda: done.append(len(left)), 0.6: left.clear},
            every=0.01,
        )  # fmt: skip
        assert asked.iloc[-1] == 0
        assert asked.max() <= 25
        assert len(done) == 1
        assert asked.index.is_monotonic_increasing

    def test_it_does_not_wait_for_what_happens_meanwhile(self):
        gate, calls = threading.Event(), []
        load.feed(lambda: calls.append(1) or gate.set(), 20, 0.2, ask=lambda: 0, at={0: lambda: gate.wait(20)})
        assert len(calls) == 4

    def test_what_goes_wrong_is_raised(self):
        with pytest.raises(ZeroDivisionError):
            load.feed(lambda: None, 10, 0.1, ask=lambda: 0, at={0: lambda: 1 / 0})


def test_play_calls_at_the_moments_and_returns_what_came():
    begin, at = time.monotonic(), []

    def add(number: int) -> str:
        at.append(time.monotonic() - begin)
        return f"job {number}"

    moments = [0.0, 0.2, 0.25]
    assert load.play(moments, add) == ["job 0", "job 1", "job 2"]
    assert all(came >= moment for came, moment in zip(at, moments, strict=True))


def test_play_makes_up_for_a_call_that_took_long():
    begin = time.monotonic()
    load.play([0.0, 0.1, 0.2], lambda number: time.sleep(0.3 if number == 0 else 0))
    assert time.monotonic() - begin < 0.3 + 0.2  # not 0.3 + 0.1 + 0.1 and more
