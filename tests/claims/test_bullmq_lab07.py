"""What the notes of 07-observe say of BullMQ (6.7), held against BullMQ itself. Each test quotes its claim."""

import signal
import subprocess

import pytest

WORKER = """
    import { Worker } from 'bullmq'
    const worker = new Worker('q', async () => {}, { connection: { url: process.env.REDIS_URL, maxRetriesPerRequest: null } })
    await worker.waitUntilReady()
    console.log('ready')
"""


@pytest.fixture
def worker(bullmq):
    """A worker in a process of its own."""
    process = bullmq.start(WORKER, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


def test_the_depth(bullmq):
    """07: "`queue.getJobCounts()` has the depth." (Jobs with a priority wait in a state of their own.)"""
    counts = bullmq.run("""
        const queue = new Queue('q')
        for (const opts of [{}, {}, { priority: 1 }, { delay: 3_600_000 }]) await queue.add('send', {}, opts)
        return queue.getJobCounts()
    """)
    assert {name: count for name, count in counts.items() if count} == {"waiting": 2, "prioritized": 1, "delayed": 1}


def test_the_age_is_one_since_the_job_was_added(bullmq):
    """07: "For the age, take the `timestamp` of `(await queue.getWaiting(0, 0))[0]`: when it was added, before any delay."
    (So a job that was delayed, or tried before, looks older than its wait is long.)"""
    names, timestamps, promoted_after, empty = bullmq.run("""
        const queue = new Queue('q')
        const late = await queue.add('late', {}, { delay: 3_600_000 })
        const before = Date.now()
        await queue.add('first', {})
        await queue.add('second', {})
        const [first, ...more] = await queue.getWaiting(0, 0)
        for (const job of await queue.getWaiting()) await job.remove()
        await until(() => Date.now() > before)
        const promotedAfter = Date.now()
        await late.promote()
        const [promoted] = await queue.getWaiting(0, 0)
        const timestamps = [late.timestamp, before, first.timestamp]
        return [[first.name, promoted.name, ...more], [promoted.timestamp, ...timestamps], promotedAfter,
            await new Queue('empty').getWaiting(0, 0)]
    """)
    promoted, late, before, first = timestamps
    assert (names, empty) == (["first", "late"], [])
    assert promoted == late < promoted_after
    assert before <= first <= promoted_after


def test_prometheus_metrics_have_counts_by_state_and_no_age(bullmq):
    """07: "`queue.exportPrometheusMetrics()` returns counts by state, and no age." """
    said = bullmq.run("""
        const queue = new Queue('q')
        await queue.add('send', {})
        return queue.exportPrometheusMetrics()
    """)
    lines = [line for line in said.splitlines() if not line.startswith("#")]
    assert 'bullmq_job_count{queue="q", state="waiting"} 1' in lines
    assert {line.partition("{")[0] for line in lines} == {
        "bullmq_job_count",
        "bullmq_job_completed_total",
        "bullmq_job_failed_total",
    }


def test_workers_are_counted_by_their_connections(bullmq, worker):
    """07: "`getWorkersCount()` counts open connections, so a killed worker is gone at once." (One that hangs is not.)"""
    count = "return new Queue('q').getWorkersCount()"
    assert bullmq.run(count) == 1
    worker.send_signal(signal.SIGSTOP)
    assert bullmq.run(count) == 1
    worker.kill()
    worker.wait()
    assert bullmq.run("return until(async () => await new Queue('q').getWorkersCount() === 0, 5)")


def test_the_stream_of_events_is_kept_to_about_10_000(bullmq):
    """07: "BullMQ writes such a stream by itself: `bull:QUEUE:events`, about 10,000 events long." """
    fill = "for i = 1, 20000 do redis.call('XADD', KEYS[1], '*', 'event', 'test', 'jobId', i) end"
    bullmq.redis.eval(fill, 1, "bull:q:events")
    bullmq.run("""
        const job = await new Queue('q').add('send', {})
        new Worker('q', async () => {})
        await until(() => job.isCompleted())
    """)
    assert 10_000 <= bullmq.redis.xlen("bull:q:events") < 10_200
    [(_, last)] = bullmq.redis.xrevrange("bull:q:events", count=1)
    assert last[b"event"] in (b"completed", b"drained")


def test_events_from_now_on_or_from_an_id(bullmq):
    """07: "`QueueEvents` reads it without a group, from `$` on. It misses what happened while your process was down, unless
    it gets a `lastEventId`." """
    plain, with_id, groups = bullmq.run("""
        const queue = new Queue('q')
        await queue.add('send', {}, { jobId: 'earlier' })
        const listen = options => {
            const heard = []
            const events = new QueueEvents('q', options)
            events.on('added', ({ jobId }) => heard.push(jobId))
            return [events, heard]
        }
        const [events, plain] = listen({})
        await until(() => events.blocking)
        const redis = await queue.getBackend().client
        await until(async () => /cmd=xread/.test(await redis.call('CLIENT', 'LIST')))
        const [, withId] = listen({ lastEventId: '0-0' })
        await queue.add('send', {}, { jobId: 'later' })
        await until(() => plain.length === 1 && withId.length === 2)
        return [plain, withId, await redis.call('XINFO', 'GROUPS', 'bull:q:events')]
    """)
    assert (plain, with_id, groups) == (["later"], ["earlier", "later"], [])
