"""What 11-bullmq says of BullMQ (6.7) and RQ beyond what its cells show, held against them. Each test quotes its claim."""

import signal
import subprocess
import time
from datetime import timedelta

import pytest
from rq import Retry

from labsupport.experiments.sweep import sweep, sweep_bullmq

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
    """11: "`await f()` | wait for f's answer; other code of the process runs meanwhile" """
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


def test_without_jitter_they_come_back_together(bullmq):
    """11: "Without jitter, they come back together, too." """
    pauses = bullmq.run("""
        const queue = new Queue('q')
        const backoff = { type: 'exponential', delay: 1000 }
        await queue.addBulk(Array(6).fill({ name: 'fails', data: {}, opts: { attempts: 3, backoff } }))
        new Worker('q', async () => { throw new Error('down') }, { concurrency: 6 })
        await until(async () => await queue.getDelayedCount() === 6)
        return (await queue.getDelayed()).map(job => job.delay)
    """)
    assert pauses == [1000] * 6


def test_a_limiter_is_counted_in_redis(bullmq):
    """11: "It is counted in Redis, for all workers that have it." """
    done = bullmq.run("""
        const queue = new Queue('q')
        await queue.addBulk(Array(12).fill({ name: 'call', data: {} }))
        for (let n = 0; n < 2; n++) new Worker('q', async () => {}, { limiter: { max: 5, duration: 50000 } })
        await until(async () => await queue.getRateLimitTtl() > 0 && await queue.getActiveCount() === 0)
        return queue.getCompletedCount()
    """)
    assert done == 5


@pytest.mark.parametrize(("options", "most"), [({}, 5), ({"limiter": {"max": 10, "duration": 1}}, 12)])
def test_a_limit_for_all_workers(bullmq, options, most):
    """11: "`queue.setGlobalRateLimit(10, 2000)` holds for all that have none of their own." (A worker's own `duration` wins.)"""
    done = bullmq.run(
        """
        const queue = new Queue('q')
        await queue.setGlobalRateLimit(5, 50000)
        await queue.addBulk(Array(12).fill({ name: 'call', data: {} }))
        new Worker('q', async () => {}, options)
        new Worker('q', async () => {}, options)
        const enough = async () => await queue.getCompletedCount() === most && await queue.getActiveCount() === 0
        await until(enough)
        await sleep(0.2) // for one too many
        return queue.getCompletedCount()
        """,
        options=options,
        most=most,
    )
    assert done == most


def test_an_id_is_free_when_its_job_is_gone(bullmq):
    """11: "It is ignored as long as Redis has the first one, done or not. With `removeOnComplete: true`, the id is soon free
    again." """
    runs = bullmq.run("""
        const runs = { kept: 0, removed: 0 }
        for (const [name, removeOnComplete] of [['kept', false], ['removed', true]]) {
            const queue = new Queue(name)
            new Worker(name, async () => { runs[name]++ })
            for (let n = 0; n < 2; n++) {
                await queue.add('mail', {}, { jobId: 'order-7', removeOnComplete })
                await until(async () => runs[name] > 0 && await queue.getJobCountByTypes('active', 'waiting') === 0)
            }
        }
        return runs
    """)
    assert runs == {"kept": 1, "removed": 2}


def test_the_same_id_twice_in_rq(lab, queue):
    """11: "Without it, the job is overwritten, and runs twice." """
    queue.enqueue("builtins.print", "Ada", job_id="order-7")
    queue.enqueue("builtins.print", "Bob", job_id="order-7")
    assert queue.get_job_ids() == ["order-7", "order-7"]
    assert queue.fetch_job("order-7").args == ["Bob"]
    lab.workers(queue, burst=True).wait()
    assert list(lab.attempts()["job"]) == ["order-7", "order-7"]


def test_rq_cuts_a_moment_to_whole_seconds(queue):
    """11: "In RQ a **scheduler** looks once a second, and cuts the moment to whole seconds." """
    before = time.time()
    job = queue.enqueue_in(timedelta(seconds=30.999), "time.sleep", 0)
    after = time.time()
    (score,) = [score for _, score in queue.connection.zrange(queue.scheduled_job_registry.key, 0, -1, withscores=True)]
    assert score == int(score)
    assert int(before + 30.999) <= score <= int(after + 30.999)
    assert job.id in queue.scheduled_job_registry


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


STALLS = """
    const queue = new Queue('q')
    const job = await queue.add('send', {}, { attempts: 5 })
    const redis = await queue.getBackend().client
    for (let n = 1; n <= 2; n++) { // two workers that die
        const dead = new Worker('q', null, { lockDuration: 50 })
        await dead.getNextJob(`token ${n}`)
        await until(async () => !await redis.call('EXISTS', queue.toKey(job.id) + ':lock'))
        for (let look = 1; look <= 2; look++) {
            await redis.call('DEL', queue.toKey('stalled-check')) // as after `stalledInterval`
            await dead.moveStalledJobsToWait()
        }
        states.push(await job.getState())
    }
    let runs = 0
    new Worker('q', async () => runs++)
    await until(async () => await job.isFailed())
"""


def test_a_stalled_job_is_put_back_once(bullmq):
    """11: "A stalled job is put back once. The second time it *fails*, whatever `attempts` says." """
    states, runs, reason = bullmq.run(
        f"const states = []; {STALLS} return [states, runs, (await queue.getJob(job.id)).failedReason]"
    )
    assert states[0] == "waiting"
    assert (runs, reason) == (0, "job stalled more than allowable limit")


def test_who_computes_for_too_long_is_taken_for_stalled(bullmq):
    """11: "A job that computes for longer than its lock lasts is taken for stalled, too, and all jobs beside it in that
    process." """
    runs, failed = bullmq.run("""
        const queue = new Queue('q')
        await queue.addBulk(['waits', 'computes'].map(name => ({ name, data: {} })))
        const runs = []
        const compute = () => { const end = Date.now() + 700; while (Date.now() < end) {} }
        const processor = async job => {
            runs.push(job.name)
            if (job.name === 'computes') compute()
            else await sleep(0.3)
        }
        new Worker('q', processor, { concurrency: 2, lockDuration: 200, stalledInterval: 50 }).on('error', () => {})
        await until(async () => await queue.getJobCountByTypes('active', 'waiting') === 0)
        return [runs, (await queue.getFailed()).map(job => [job.name, job.failedReason])]
    """)
    assert sorted(runs).count("computes") >= 2
    assert sorted(runs).count("waits") >= 2
    assert ["computes", "job stalled more than allowable limit"] in failed


def test_each_error_is_kept(bullmq):
    """11: "BullMQ keeps each error in the job's hash, and has its stream." """
    stacks = bullmq.run("""
        const queue = new Queue('q')
        const job = await queue.add('send', {}, { attempts: 3 })
        new Worker('q', async job => { throw new Error(`attempt ${job.attemptsMade + 1}`) })
        await until(async () => await job.isFailed())
        return (await queue.getJob(job.id)).stacktrace.map(stack => stack.split('\\n')[0])
    """)
    assert stacks == ["Error: attempt 1", "Error: attempt 2", "Error: attempt 3"]


def test_eleven_requests_and_two(tmp_path):
    """11: "From taking the job to its end, RQ sends eleven requests and BullMQ two", "In RQ four requests lie in it, in BullMQ
    one." """
    file = tmp_path / "deliver.mjs"
    file.write_text("export default async job => true")
    ours, theirs = sweep("operator.truth", 1, retry=Retry(max=1)), sweep_bullmq(str(file))
    assert [len(ours), len(theirs)] == [48, 6]
    twice = [list(swept.index[swept["delivered"] == 2] + 1) for swept in (ours, theirs)]
    assert twice == [[30, 31, 32, 33], [3]]
    taken = ours.index[(ours["command"] == "LMOVE") & ours["key"].str.endswith("jobs")][0] + 1
    assert twice[0][-1] - taken + 1 == 11
    assert list(theirs["command"])[1:3] == ["moveToActive", "moveToFinished"]


def test_sigterm_ends_a_worker_in_its_job(bullmq, working):
    """11: "BullMQ's worker does not listen to it" (to SIGTERM)."""
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
    assert 0 <= late < 10_000
