"""BullMQ's attempts in the table of RQ's."""

import subprocess

import pandas as pd

from labsupport.measure.attempt import ABANDONED
from labsupport.measure.attempts import AttemptLog
from labsupport.measure.bullmq import BullmqEvents, BullmqRecorder

KILLED = """
import { Queue, Worker } from 'bullmq'
const { hostname: host, port, password } = new URL(process.env.REDIS_URL)
const connection = { host, port: Number(port), password: decodeURIComponent(password) || undefined, maxRetriesPerRequest: null }
await new Queue('q', { connection }).add('send', {})
const begun = async () => { console.log('begun'); await new Promise(resolve => setTimeout(resolve, 60000)) }
new Worker('q', begun, { connection, name: 'one', lockDuration: 300, stalledInterval: 100 })
"""


def table(bullmq) -> pd.DataFrame:
    """What a lab shows of all queues."""
    BullmqRecorder(bullmq.redis, "bull", "attempts").record()
    return AttemptLog(bullmq.redis, "attempts").read()


def test_three_attempts_with_pauses(bullmq):
    bullmq.run("""
        const queue = new Queue('q')
        const options = { attempts: 3, backoff: { type: 'fixed', delay: 50 } }
        const job = await queue.add('send', {}, options)
        new Worker('q', async job => { if (job.attemptsMade < 2) throw new TypeError('down') }, { name: 'one' })
        await until(() => job.isCompleted())
    """)
    seen = table(bullmq)
    assert seen[["job", "queue", "function", "attempt", "outcome", "error"]].values.tolist() == [
        ["q:1", "q", "send", 1, "retried", "TypeError"],
        ["q:1", "q", "send", 2, "retried", "TypeError"],
        ["q:1", "q", "send", 3, "finished", ""],
    ]
    assert seen["worker"].tolist() == ["", "", "one"]
    assert (seen["enqueued"] <= seen["started"]).all()
    assert (seen["started"] <= seen["ended"]).all()
    # The worker counts the pause from its failure, and Redis notes when it was told of it, which may be later.
    assert (seen["enqueued"].iloc[1:].to_numpy() - seen["started"].iloc[:-1].to_numpy() > 0.04).all()


def test_each_attempt_is_read_once(bullmq):
    events = BullmqEvents(bullmq.redis, "q")
    add = """
        const job = await new Queue('q').add('send', {}, { attempts: 2 })
        new Worker('q', async () => { throw new Error('down') })
        await until(() => job.isFailed())
    """
    bullmq.run(add)
    assert [attempt.outcome for attempt in events.read()] == ["retried", "failed"]
    assert events.read() == []
    bullmq.run(add)
    assert [(attempt.job, attempt.error) for attempt in events.read()] == [("q:2", "Error"), ("q:2", "Error")]


def test_a_delayed_job_waits_from_the_moment_it_is_due(bullmq):
    due = bullmq.run("""
        const job = await new Queue('q').add('send', {}, { delay: 200 })
        new Worker('q', async () => {})
        await until(() => job.isCompleted())
        return (job.timestamp + 200) / 1000
    """)
    (attempt,) = BullmqEvents(bullmq.redis, "q").read()
    assert due - 0.01 <= attempt.enqueued <= due + 1


def test_a_killed_worker(bullmq):
    process = bullmq.start(KILLED, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"begun\n"
    process.kill()
    process.communicate()
    bullmq.run("""
        new Worker('q', async () => {}, { name: 'two', lockDuration: 300, stalledInterval: 100 })
        await until(async () => await new Queue('q').getCompletedCount() === 1)
    """)
    seen = table(bullmq)
    assert seen[["attempt", "worker", "outcome", "error"]].values.tolist() == [
        [1, "", "retried", ABANDONED],
        [2, "two", "finished", ""],
    ]


def test_a_job_that_stalls_too_often(bullmq):
    bullmq.run("""
        const queue = new Queue('q')
        const job = await queue.add('send', {})
        await new Worker('q', null, { lockDuration: 100 }).getNextJob('token') // and nobody renews its lock
        new Worker('q', async () => {}, { stalledInterval: 20, maxStalledCount: 0 })
        await until(() => job.isFailed())
    """)
    stalled, failed = BullmqEvents(bullmq.redis, "q").read()
    assert (stalled.outcome, stalled.error) == ("retried", ABANDONED)
    assert (failed.outcome, failed.error, failed.started) == ("failed", ABANDONED, failed.ended)
