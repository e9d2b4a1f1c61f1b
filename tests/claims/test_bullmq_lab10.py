"""What 10-ship's notes and the service's code say of BullMQ (6.7), held against BullMQ itself. Each test quotes its claim."""

import json
import subprocess

import pytest

from labsupport.processes.redis_server import EmbeddedServer

API = """
    import { Queue } from 'bullmq'
    import { createInterface } from 'node:readline'
    setTimeout(() => process.exit(), 40_000).unref() // if what a test awaits is not so
    // Tries again sooner than BullMQ, which waits for a second.
    const queue = new Queue('q', { connection: { ...options, retryStrategy: () => 50 }, ...more })
    queue.on('error', () => {})
    queue.on('ioredis:close', () => console.log('cut'))
    queue.getBackend().on('ready', () => console.log('connected'))
    if (waits) await queue.waitUntilReady()
    console.log('begun')
    for await (const line of createInterface({ input: process.stdin })) {
        let failures = 0
        const added = queue.add('send', {}).then(job => job.name, error => error.message)
        const tries = new Promise(resolve => queue.on('error', () => ++failures === 3 && resolve('hangs')))
        const first = await Promise.race([added, tries])
        console.log(first)
        if (first === 'hangs') console.log(await added)
    }
"""
"""Adds a job for each line that it reads, and says how that went, or *hangs* when three tries to connect have failed since."""


REFUSED = "Stream isn't writeable and enableOfflineQueue options is false"


@pytest.fixture
def api(bullmq, server):
    """Starts such a process, which adds jobs to a server of the test's own."""
    started = []

    def start(*, waits: bool = True, more: dict | None = None, **options: object) -> subprocess.Popen:
        values = {"options": {"url": server.url, **options}, "waits": waits, "more": more or {}}
        constants = f"const {{ options, waits, more }} = {json.dumps(values)}\n"
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        started.append(bullmq.start(constants + API, **pipes))
        assert heard(started[-1]) == "begun"
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def heard(process: subprocess.Popen) -> str:
    """The next line that is not about the connection."""
    return next(line.strip() for line in process.stdout if line not in ("cut\n", "connected\n"))


def asked(process: subprocess.Popen) -> str:
    process.stdin.write("add\n")
    process.stdin.flush()
    return heard(process)


def cut(process: subprocess.Popen, server: EmbeddedServer) -> None:
    """End the server, and return when the process knows."""
    server.kill()
    assert process.stdout.readline() == "cut\n"


def test_by_default_a_request_hangs_while_redis_is_away(api, server):
    """10: "By default ioredis waits for Redis, and a request hangs" """
    process = api()
    cut(process, server)
    assert asked(process) == "hangs"
    server.start()
    assert heard(process) == "send"


def test_without_an_offline_queue_a_request_is_refused(api, server):
    """10: "The same: answer 503 when `queue.add` fails. … for the API set `enableOfflineQueue: false`" """
    process = api(enableOfflineQueue=False)
    assert asked(process) == "send"
    cut(process, server)
    assert asked(process) == REFUSED


def test_an_api_that_starts_without_redis_hangs_all_the_same(api, server):
    """10: "for the API set `enableOfflineQueue: false`, and begin with `await queue.waitUntilReady()`" (The tests
    above do. Without it the first command waits for the first connection.)"""
    server.kill()
    process = api(waits=False, enableOfflineQueue=False)
    assert asked(process) == "hangs"
    server.start()
    assert heard(process) == "send"


@pytest.mark.parametrize(("version", "afterwards"), [(False, REFUSED), (True, "send")], ids=["never again", "again"])
def test_an_api_that_refuses_from_its_start_on(api, server, version, afterwards):
    """10: (The other way takes two more options. With the first one alone the queue asks once for Redis' version, is refused,
    and refuses for ever.)"""
    server.kill()
    more = {"skipWaitingForReady": True, "skipVersionCheck": version}
    process = api(waits=False, more=more, enableOfflineQueue=False)
    assert asked(process) == REFUSED
    server.start()
    assert "connected\n" in process.stdout  # reads up to that line
    assert asked(process) == afterwards


@pytest.mark.parametrize("attempts", [1, 3])
def test_attempts_count_the_first_one_too(bullmq, attempts):
    """queue.py: "RQ counts the retries after the first attempt, BullMQ's `attempts: 3` counts the first one too." """
    made = bullmq.run(
        """
        const job = await new Queue('q').add('send', {}, { attempts })
        let runs = 0
        new Worker('q', async () => { runs++; throw new Error('down') })
        await until(() => job.isFailed())
        return runs
        """,
        attempts=attempts,
    )
    assert made == attempts
