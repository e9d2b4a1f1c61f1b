"""ask-again: a client that takes 503 and 429 as they are meant."""

import asyncio
import json
import mmap
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, token

HINTS = (
    "Which statuses may be different a moment later? For all others, asking again changes nothing.",
    'int(answer.headers["Retry-After"]) says for how many seconds to sleep before the next request.',
    "A loop over three tries: post; when the status is neither 503 nor 429, return; else sleep. After it, None.",
)

EARLY = 0.1
"""Seconds by which a client may be early, since clocks are read in two processes."""

ENOUGH = 5
"""Requests after which the stand-in takes the job, so that a client without an end has one here."""

SERVICES = {
    "is away": [(503, 2), (202, 0)],
    "is full": [(429, 3), (202, 0)],
    "stays away": [(503, 1)] * (ENOUGH - 1) + [(202, 0)],
    "finds the message too long": [(422, 0)] * (ENOUGH - 1) + [(202, 0)],
}
"""What a stand-in of the service answers, one after the other: status, and seconds of Retry-After."""


SLEEP, ASYNC_SLEEP = time.sleep, asyncio.sleep


class _Clock:
    """A clock that a child shares with the check. The child's `sleep` moves it on, and returns at once."""

    def __init__(self) -> None:
        self._skipped = mmap.mmap(-1, 8)

    def now(self) -> float:
        return time.monotonic() + struct.unpack("d", self._skipped[:])[0]

    def skip(self, seconds: float) -> None:
        SLEEP(seconds * 0)  # which refuses what sleep refuses, such as a text
        self._skipped[:] = struct.pack("d", struct.unpack("d", self._skipped[:])[0] + seconds)


class _StandIn(ThreadingHTTPServer):
    """Answers each path with its statuses, and keeps when it was asked and for what."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.clocks = [_Clock() for _ in SERVICES]
        self.asked: dict[str, list[tuple[float, object]]] = {}


class _Request(BaseHTTPRequestHandler):
    server: _StandIn

    def do_POST(self) -> None:
        place, _, path = self.path.lstrip("/").partition("/")
        began = self.server.clocks[int(place)].now()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = self.server.asked.setdefault(place, [])
        statuses = SERVICES[list(SERVICES)[int(place)]]
        status, seconds = statuses[min(len(asked), len(statuses) - 1)]
        asked.append((began, _json(body)))
        if path != "notifications":
            status, seconds = 404, 0
        self.send_response(status)
        if status == 202:
            self.send_header("Location", f"/jobs/{place}-{len(asked)}")
        if seconds:
            self.send_header("Retry-After", str(seconds))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


@contextmanager
def _stand_in() -> Iterator[_StandIn]:
    server = _StandIn()
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _without_sleep(clock: _Clock, answer: Callable, *arguments: object) -> object:
    """In the child: call the answer, and let no sleep take time."""

    async def skip(seconds: float, result: object = None) -> object:
        clock.skip(seconds)
        return result

    for module in (time, asyncio, sys.modules["__main__"]):
        for name, value in list(vars(module).items()):
            if value is SLEEP or value is ASYNC_SLEEP:
                setattr(module, name, clock.skip if value is SLEEP else skip)
    return answer(*arguments)


def judge(answer: object, context: Context) -> str:
    expect(Callable, answer, "the function notify")
    assert callable(answer)
    message = f"Hello {token()}"
    with _stand_in() as server:
        url = f"http://127.0.0.1:{server.server_port}"
        calls = [(server.clocks[place], answer, f"{url}/{place}", message) for place in range(len(SERVICES))]
        outcomes = trial.together(_without_sleep, calls, deadline=9)
    seen = [server.asked.get(str(place), []) for place in range(len(SERVICES))]
    for place, (service, statuses) in enumerate(SERVICES.items()):
        asked, said = seen[place], str(outcomes[place])
        if not asked:
            raise NotYet(f"It sent no POST to the url that it was given; it {said}.")
        if any(body != {"message": message} for _, body in asked):
            raise NotYet(
                f"It posted {asked[-1][1]!r}; the service wants {{'message': …}}, with the message it was given."
            )
        if statuses[0][0] == 422:
            _asks_once(len(asked), outcomes[place], said)
        elif service == "stays away":
            _gives_up(len(asked), outcomes[place], said)
        elif len(asked) > len(statuses):
            raise NotYet(
                f"The service {service}, and had taken the job: it was asked {len(asked)} times, and has it twice."
            )
        elif len(asked) < len(statuses):
            raise NotYet(
                f"The service {service}: {statuses[0][0]}, Retry-After {statuses[0][1]}. It was asked once: it {said}."
            )
        elif outcomes[place].returned != (wanted := f"/jobs/{place}-{len(asked)}"):
            raise NotYet(f"The service had taken the job at {wanted}; it {said}.")
        _waits(service, statuses, [moment for moment, _ in asked])
    return "It asks again where that can help, when it was told to, and it has an end."


def _waits(service: str, statuses: list[tuple[int, int]], asked: list[float]) -> None:
    """Raise NotYet if a request came before the seconds were over that the answer before it had asked for."""
    for (status, seconds), before, after in zip(statuses, asked, asked[1:], strict=False):
        if status != 422 and after - before < seconds - EARLY:
            raise NotYet(
                f"The service {service}: {status}, Retry-After {seconds}. The next request came after {after - before:.1f} s. A "
                "crowd of such clients keeps a service down that could come back."
            )


def _asks_once(times: int, outcome: trial.Trial, said: str) -> None:
    if times > 1:
        raise NotYet(f"422 says that the request is wrong, and it will be wrong again; it was sent {times} times.")
    if outcome.returned is not None:
        raise NotYet(f"The service refused the message with 422; it {said}, as if it had been taken.")


def _gives_up(times: int, outcome: trial.Trial, said: str) -> None:
    if times >= ENOUGH:
        raise NotYet(
            f"The service stays away, and was asked {times} times: there is no end. Give up after three tries."
        )
    if times != 3:
        raise NotYet(f"The service stays away. Three tries in all were asked for; it was asked {times} times.")
    if outcome.returned is not None:
        raise NotYet(f"The service answered 503 three times; it {said}, as if it had been taken.")
