"""What 11-bullmq says of BullMQ (6.7) beyond what its cells show, held against BullMQ itself. Each test quotes its claim."""

import signal
import subprocess

import pytest

WORKING = """
import { Worker } from 'bullmq'
const connection = { url: process.env.REDIS_URL }
new Worker('q', async () => { console.log('begun'); await new Promise(() => setInterval(() => {}, 1000)) }, { connection })
"""


@pytest.fixture
def working(bullmq):
    """A worker of a process of its own, in the middle of the only job of the queue."""
    bullmq.run("await new Queue('q').add('send', {})")
    process = bullmq.start(WORKING, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"begun\n"
    yield process
    process.kill()
    process.communicate()


def test_await_lets_other_code_run(bullmq):
    """11: "`await` waits for an answer, and lets other code of the process run meanwhile." """
    assert bullmq.run("""
        const said = []
        const waits = async name => { said.push(`${name} asks`); await new Queue(name).count(); said.push('an answer') }
        await Promise.all([waits('one'), waits('two')])
        return said
    """) == ["one asks", "two asks", "an answer", "an answer"]


def test_one_processor_for_all_jobs_of_a_queue(bullmq):
    """11: "A worker has one function for all jobs of its queue, the **processor**." """
    names = bullmq.run("""
        const queue = new Queue('q')
        await queue.addBulk([{ name: 'mail', data: {} }, { name: 'sms', data: {} }])
        const names = []
        new Worker('q', async job => names.push(job.name))
        await until(() => names.length === 2)
        return names
    """)
    assert names == ["mail", "sms"]


def test_jitter(bullmq):
    """11: "`jitter: 0.5` draws each pause between half of it and the whole." """
    pauses = bullmq.run("""
        const queue = new Queue('q')
        const backoff = { type: 'fixed', delay: 100000, jitter: 0.5 }
        await queue.addBulk(Array(60).fill({ name: 'fails', data: {}, opts: { attempts: 2, backoff } }))
        new Worker('q', async () => { throw new Error('down') }, { concurrency: 10 })
        await until(async () => await queue.getDelayedCount() === 60)
        return (await queue.getDelayed()).map(job => job.delay)
    """)
    assert all(50_000 <= pause <= 100_000 for pause in pauses)
    assert max(pauses) - min(pauses) > 20_000


def test_the_window_begins_with_its_first_job(bullmq):
    """11: "The limiter counts in a **fixed window**, which begins with its first job." """
    before, after = bullmq.run("""
        const queue = new Queue('q')
        const worker = new Worker('q', async () => {}, { limiter: { max: 2, duration: 50000 } })
        const redis = await queue.getBackend().client
        const left = () => redis.call('PTTL', queue.toKey('limiter'))
        await worker.waitUntilReady()
        const before = await left()
        await queue.add('call', {})
        await until(async () => await queue.getCompletedCount() === 1)
        return [before, await left()]
    """)
    assert before == -2  # there is no such key
    assert 0 < after <= 50_000


def test_a_limit_for_all_workers(bullmq):
    """11: "`queue.setGlobalRateLimit(5, 1000)` holds for all." (Also for those that have no limiter of their own.)"""
    done = bullmq.run("""
        const queue = new Queue('q')
        await queue.setGlobalRateLimit(5, 50000)
        await queue.addBulk(Array(12).fill({ name: 'call', data: {} }))
        new Worker('q', async () => {})
        new Worker('q', async () => {})
        await until(async () => await queue.getRateLimitTtl() > 0 && await queue.getActiveCount() === 0)
        return queue.getCompletedCount()
    """)
    assert done == 5


def test_stalled_jobs_are_found_in_two_looks(bullmq):
    """11: "One look notes each active job, and the next one puts back those that have no lock by then." """
    states = bullmq.run("""
        const queue = new Queue('q')
        const job = await queue.add('send', {})
        const dead = new Worker('q', null, { lockDuration: 100 })
        await dead.getNextJob('token') // and nobody renews its lock
        const redis = await queue.getBackend().client
        await until(async () => !await redis.call('EXISTS', queue.toKey(job.id) + ':lock'))
        const states = []
        for (let look = 1; look <= 2; look++) {
            await redis.call('DEL', queue.toKey('stalled-check')) // as after `stalledInterval`
            await dead.moveStalledJobsToWait()
            states.push(await job.getState())
        }
        return states
    """)
    assert states == ["active", "waiting"]


def test_a_stalled_job_is_put_back_once(bullmq):
    """11: "It needs no `attempts`: a **stalled** job is put back once in any case." """
    assert bullmq.run("return new Worker('q', async () => {}).opts.maxStalledCount") == 1


def test_sigterm_ends_a_worker_in_its_job(bullmq, working):
    """11: "BullMQ's worker does not listen to SIGTERM." """
    working.send_signal(signal.SIGTERM)
    assert working.wait(timeout=30) == -signal.SIGTERM
    assert bullmq.run("return new Queue('q').getActiveCount()") == 1


def test_all_jobs_are_kept(bullmq):
    """11: "BullMQ keeps all jobs, completed and failed, until you say otherwise." """
    kept = bullmq.run("""
        const queue = new Queue('q')
        await queue.addBulk([{ name: 'fine', data: {} }, { name: 'fails', data: {} }])
        new Worker('q', async job => { if (job.name === 'fails') throw new Error('down') })
        await until(async () => await queue.getCompletedCount() + await queue.getFailedCount() === 2)
        const redis = await queue.getBackend().client
        return Promise.all(['1', '2'].map(id => redis.call('TTL', queue.toKey(id))))
    """)
    assert kept == [-1, -1]  # there is no end to them


def test_a_second_look_at_an_idle_worker(bullmq):
    """11: "In BullMQ an idle worker waits until the next job is due, and moves it." """
    late = bullmq.run("""
        const queue = new Queue('q')
        const worker = new Worker('q', async job => Date.now() - job.timestamp - job.delay)
        await worker.waitUntilReady()
        const job = await queue.add('later', {}, { delay: 300 })
        await until(() => job.isCompleted())
        return (await queue.getJob(job.id)).returnvalue
    """)
    assert late >= 0
