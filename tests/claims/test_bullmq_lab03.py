"""What 03-fail says of BullMQ (6.7)."""

import signal
from subprocess import PIPE

import pytest

MODULE = """
import { Queue, Worker } from 'bullmq'
const connection = { url: process.env.REDIS_URL, maxRetriesPerRequest: null }
const queue = new Queue('q', { connection })
"""
"""How the module of a process of its own begins."""


def test_an_exception_fails_the_job(bullmq):
    """03: "an exception, `failed`", "same" """
    made = bullmq.run("""
        const queue = new Queue('q')
        const job = await queue.add('send', {})
        new Worker('q', async () => { throw new Error('the provider is down') })
        await until(() => job.isFailed())
        const { failedReason, stacktrace } = await queue.getJob(job.id)
        return { failedReason, traces: stacktrace.length, first: stacktrace[0] }
    """)
    assert made["failedReason"] == "the provider is down"
    assert made["traces"] == 1
    assert made["first"].startswith("Error: the provider is down\n    at ")


@pytest.mark.parametrize(("otherwise", "state"), [("throw new Error('unknown')", "failed"), ("", "completed")])
def test_an_unknown_name(bullmq, otherwise, state):
    """03: "a function that is not there", "same, if your processor throws for an unknown name" """
    code = """
        const queue = new Queue('q')
        const job = await queue.add('sned', {})
        new Worker('q', async job => { if (job.name !== 'send') { OTHERWISE } })
        await until(async () => (await job.getState()) !== 'waiting' && (await job.getState()) !== 'active')
        return await job.getState()
    """
    assert bullmq.run(code.replace("OTHERWISE", otherwise)) == state


def killed_in_a_job(bullmq) -> int:
    """The process of a worker with short times is killed in its only job. Until when its lock lasts at least, in ms."""
    process = bullmq.start(
        MODULE
        + """
        const options = { connection, lockDuration: 500, stalledInterval: 20 }
        new Worker('q', job => new Promise(() => console.log(job.processedOn)), options)
        await queue.add('send', {})
        """,
        stdout=PIPE,
    )
    try:
        return int(process.stdout.readline()) + 500
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def test_a_killed_process_leaves_the_job_active_until_its_lock_expires(bullmq):
    """03: "a killed process leaves the job *active*; another worker finds it *stalled* after its lock expires (30 s by
    default)"
    """
    expires = killed_in_a_job(bullmq)
    made = bullmq.run("""
        const queue = new Queue('q')
        const job = await queue.getJob('1')
        const state = await job.getState()
        const stalled = []
        const worker = new Worker('q', async () => {}, { stalledInterval: 20 })
        worker.on('stalled', id => stalled.push(id))
        await until(async () => stalled.length && await job.isCompleted())
        const { lockDuration } = new Worker('other', async () => {}).opts
        return { state, stalled, again: (await queue.getJob('1')).processedOn, lockDuration }
    """)
    assert made.pop("again") >= expires - 1  # both are whole milliseconds
    assert made == {"state": "active", "stalled": ["1"], "lockDuration": 30_000}
    stalled = [event for event, fields in bullmq.redis.xrange("bull:q:events") if fields[b"event"] == b"stalled"]
    assert len(stalled) == 1


def test_the_event_failed_comes_for_every_attempt(bullmq):
    """03: "Same trap: the worker's event `failed` comes for every attempt. Test `job.finishedOn` in it: BullMQ sets that only
    when the job will not run again. Do not compare `attemptsMade` with `opts.attempts`: an `UnrecoverableError` ends a job
    earlier".
    """
    made = bullmq.run("""
        const queue = new Queue('q')
        const events = { down: [], removed: [], wrong: [] }
        const worker = new Worker('q', async job => {
          throw job.name === 'wrong' ? new UnrecoverableError('no such address') : new Error('down')
        })
        worker.on('failed', job => events[job.name].push([!!job.finishedOn, job.attemptsMade, job.opts.attempts]))
        const options = { attempts: 3 }
        await queue.add('down', {}, options)
        await queue.add('removed', {}, { ...options, removeOnFail: true })
        await queue.add('wrong', {}, options)
        await until(() => Object.values(events).flat().length === 7)
        return events
    """)
    thrice = [[False, 1, 3], [False, 2, 3], [True, 3, 3]]
    assert made == {"down": thrice, "removed": thrice, "wrong": [[True, 1, 3]]}


def test_it_is_finished_when_it_stalled_too_often(bullmq):
    """03: "BullMQ sets that only when the job will not run again." """
    killed_in_a_job(bullmq)
    bullmq.redis.delete("bull:q:1:lock")  # as if it had expired
    made = bullmq.run("""
        const worker = new Worker('q', async () => 'ran', { stalledInterval: 20, maxStalledCount: 0 })
        let seen
        worker.on('failed', job => { seen = [!!job.finishedOn, job.attemptsMade, job.failedReason] })
        await until(() => seen)
        return seen
    """)
    assert made == [True, 1, "job stalled more than allowable limit"]


def crashed(bullmq) -> int:
    """A worker runs two jobs, of which one ends the process: its exit code."""
    process = bullmq.start(
        MODULE
        + """
        await queue.addBulk(await queue.getJobCountByTypes('active') ? [] : ['crash', 'other'].map(name => ({ name, data: {} })))
        const running = new Set()
        new Worker('q', async job => {
          running.add(job.name)
          while (running.size < 2) await new Promise(setImmediate)
          if (job.name === 'other') await new Promise(() => {})
          process.exit(3)
        }, { connection, concurrency: 2, lockDuration: 400, stalledInterval: 20 })
        """
    )
    try:
        return process.wait(30)
    finally:
        process.kill()
        process.wait()


def test_a_crash_takes_down_all_jobs_and_twice_is_too_often(bullmq):
    """03: "A plain processor is in the SimpleWorker's place: a crash takes the process down with all jobs that it runs. They
    become *stalled* and are run again, and fail when they stall more than `maxStalledCount` times, 1 by default."
    """
    runs = []
    for _ in range(2):
        assert crashed(bullmq) == 3
        runs.append(bullmq.redis.lrange("bull:q:active", 0, -1))
        assert bullmq.redis.zcard("bull:q:failed") == 0
    assert [sorted(run) for run in runs] == [[b"1", b"2"]] * 2
    made = bullmq.run("""
        const queue = new Queue('q')
        let runs = 0
        const worker = new Worker('q', async () => { runs++ }, { stalledInterval: 20 })
        await until(async () => await queue.getFailedCount() === 2)
        const reasons = (await queue.getFailed()).map(job => job.failedReason)
        return { runs, reasons, byDefault: worker.opts.maxStalledCount }
    """)
    assert made == {"runs": 0, "reasons": ["job stalled more than allowable limit"] * 2, "byDefault": 1}


def test_a_sandboxed_processor_is_in_the_forks_place(bullmq, tmp_path):
    """03: "A sandboxed processor is in the fork's place." """
    file = tmp_path / "processor.cjs"
    file.write_text("module.exports = async job => { if (job.name === 'crash') process.kill(process.pid, 'SIGKILL') }")
    made = bullmq.run(
        """
        const queue = new Queue('q')
        await queue.addBulk(['crash', 'next'].map(name => ({ name, data: {} })))
        // The child goes without the arguments that this process was started with.
        new Worker('q', file, { workerForkOptions: { execArgv: [] } })
        await until(async () => await queue.getCompletedCount() === 1)
        return (await queue.getFailed()).map(job => [job.name, job.failedReason, job.stalledCounter])
        """,
        file=str(file),
    )
    assert made == [["crash", "Unexpected exit code: null signal: SIGKILL", 0]]
