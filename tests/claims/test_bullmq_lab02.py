"""What 02-process says of BullMQ (6.7)."""

import signal
from contextlib import contextmanager
from subprocess import PIPE

import pytest

MODULE = """
import { Queue, Worker } from 'bullmq'
const connection = { url: process.env.REDIS_URL, maxRetriesPerRequest: null }
"""
"""How the module of a process of its own begins."""


@contextmanager
def running(bullmq, code: str):
    """A process of its own with this module; its first line of output has come."""
    process = bullmq.start(MODULE + code, stdout=PIPE, stderr=PIPE)
    try:
        assert process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def states(bullmq) -> list[str]:
    """Of all jobs of the queue `q`, in the order of their ids."""
    return bullmq.run("""
        const queue = new Queue('q')
        const jobs = await queue.getJobs()
        const states = await Promise.all(jobs.map(async job => [Number(job.id), await job.getState()]))
        return states.sort((a, b) => a[0] - b[0]).map(([, state]) => state)
    """)


def test_a_worker_logs_no_job_by_itself(bullmq):
    """02: "BullMQ's worker logs no job by itself." """
    process = bullmq.start(
        MODULE
        + """
        const queue = new Queue('q', { connection })
        await queue.addBulk([{ name: 'good', data: {} }, { name: 'bad', data: {} }])
        const worker = new Worker('q', async job => { if (job.name === 'bad') throw new Error('down') }, { connection })
        await new Promise(resolve => worker.on('failed', resolve))
        await worker.close()
        await queue.close()
        """,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        assert process.communicate(timeout=30) == (b"", b"")
    finally:
        process.kill()
    assert process.returncode == 0
    assert states(bullmq) == ["completed", "failed"]


def test_a_worker_has_events(bullmq):
    """02: "You listen to the events `active`, `completed` and `failed`." """
    seen = bullmq.run("""
        const queue = new Queue('q')
        for (const name of ['good', 'bad']) await queue.add(name, {})
        const worker = new Worker('q', async job => { if (job.name === 'bad') throw new Error('down') })
        const seen = []
        for (const event of ['active', 'completed', 'failed']) worker.on(event, job => seen.push(`${job.name} ${event}`))
        await until(() => seen.length === 4)
        return seen.sort()
    """)
    assert seen == ["bad active", "bad failed", "good active", "good completed"]


def test_many_jobs_at_a_time_in_one_process(bullmq):
    """02: "Different: one BullMQ process can run many jobs at a time (`concurrency: 50`, by default 1), as Node.js waits without
    blocking."
    """
    seen = bullmq.run("""
        const queue = new Queue('q')
        await queue.addBulk(Array.from({ length: 52 }, () => ({ name: 'wait', data: {} })))
        const pids = new Set()
        let [running, most, open] = [0, 0, () => {}]
        const gate = new Promise(resolve => { open = resolve })
        async function processor () {
          pids.add(process.pid)
          most = Math.max(most, ++running)
          await gate
          running--
        }
        const worker = new Worker('q', processor, { concurrency: 50 })
        await until(() => most === 50)
        const others = await queue.getWaitingCount() // though there are more
        open()
        await until(async () => await queue.getCompletedCount() === 52)
        return { most, others, processes: pids.size, byDefault: new Worker('other', processor).opts.concurrency }
    """)
    assert seen == {"most": 50, "others": 2, "processes": 1, "byDefault": 1}


def test_one_job_at_a_time_by_default(bullmq):
    """02: "one BullMQ process can run many jobs at a time (`concurrency: 50`, by default 1)" """
    most = bullmq.run("""
        const queue = new Queue('q')
        await queue.addBulk(Array.from({ length: 3 }, () => ({ name: 'wait', data: {} })))
        let [running, most] = [0, 0]
        new Worker('q', async () => { most = Math.max(most, ++running); await sleep(0.01); running-- })
        await until(async () => await queue.getCompletedCount() === 3)
        return most
    """)
    assert most == 1


def test_a_job_that_computes_blocks_the_others(bullmq):
    """02: "as Node.js waits without blocking" """
    order = bullmq.run("""
        const queue = new Queue('q')
        const order = []
        let open
        const gate = new Promise(resolve => { open = resolve })
        const processors = {
          wait: async () => { await gate; order.push('waited') },
          compute: async () => {
            open() // from now on, the other one could go on
            for (const end = Date.now() + 20; Date.now() < end;);
            order.push('computed')
          }
        }
        new Worker('q', async job => await processors[job.name](), { concurrency: 2 })
        await queue.addBulk([{ name: 'wait', data: {} }, { name: 'compute', data: {} }])
        await until(() => order.length === 2)
        return order
    """)
    assert order == ["computed", "waited"]


def test_plain_jobs_share_a_process_and_sandboxed_ones_a_child(bullmq, tmp_path):
    """02: "A plain processor is like the SimpleWorker: all jobs share a process. A *sandboxed* processor, a file instead of a
    function, runs in a child process. That child is used again for the next job."
    """
    file = tmp_path / "processor.cjs"
    file.write_text("module.exports = async () => [process.pid, process.ppid]")
    made = bullmq.run(
        """
        async function ran (name, processor, options) {
          const queue = new Queue(name)
          new Worker(name, processor, options)
          await queue.addBulk([{ name: 'one', data: {} }, { name: 'two', data: {} }])
          await until(async () => await queue.getCompletedCount() === 2)
          return (await queue.getCompleted()).map(job => job.returnvalue)
        }
        return {
          us: process.pid,
          plain: await ran('plain', async () => process.pid),
          // Without the arguments that this process was started with.
          sandboxed: await ran('sandboxed', file, { workerForkOptions: { execArgv: [] } })
        }
        """,
        file=str(file),
    )
    us, plain, sandboxed = made.values()
    assert plain == [us, us]
    (child, parent), again = sandboxed
    assert (child != us, parent) == (True, us)
    assert again == [child, parent]


def test_close_is_the_warm_shutdown(bullmq):
    """02: "`await worker.close()` is the warm shutdown." """
    made = bullmq.run("""
        const queue = new Queue('q')
        await queue.addBulk([{ name: 'one', data: {} }, { name: 'two', data: {} }])
        let finish
        const worker = new Worker('q', () => new Promise(resolve => { finish = resolve }))
        await until(() => finish)
        let closed = false
        const closing = worker.close().then(() => { closed = true })
        await new Promise(resolve => setImmediate(resolve))
        const before = [closed, await queue.getActiveCount()]
        finish()
        await closing
        return { before, completed: await queue.getCompletedCount(), waiting: await queue.getWaitingCount() }
    """)
    assert made == {"before": [False, 1], "completed": 1, "waiting": 1}


JOB = """
const queue = new Queue('q', { connection })
await queue.addBulk([{ name: 'one', data: {} }, { name: 'two', data: {} }])
let finish
const worker = new Worker('q', () => new Promise(resolve => {
  finish = resolve
  console.log('runs')
}), { connection })
"""

CAUGHT = """
process.on('SIGTERM', async () => {
  const closing = worker.close()
  finish()
  await closing
  process.exit()
})
"""


@pytest.mark.parametrize(
    ("code", "end", "left"),
    [(JOB, -signal.SIGTERM, ["active", "waiting"]), (CAUGHT + JOB, 0, ["completed", "waiting"])],
    ids=["not caught", "caught"],
)
def test_a_worker_does_not_listen_to_signals(bullmq, code, end, left):
    """02: "BullMQ's worker does not listen to signals: your process must catch SIGTERM and call it" """
    with running(bullmq, code) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == end
    assert states(bullmq) == left


def test_cancel_a_job(bullmq):
    """02: "In its process, `worker.cancelJob(id)` aborts an `AbortSignal`. The processor must take it, as third argument, and
    react"
    """
    made = bullmq.run("""
        const queue = new Queue('q')
        let [finish, aborted] = []
        const finished = () => new Promise((resolve, reject) => { finish = { resolve, reject } })
        const processors = {
          reacts: async (job, token, signal) => {
            signal.addEventListener('abort', () => finish.reject(new Error('canceled')))
            await finished()
          },
          ignores: async (job, token, signal) => { await finished(); aborted = signal.aborted },
          takesNone: async job => await finished()
        }
        const seen = {}
        for (const [name, processor] of Object.entries(processors)) {
          const worker = new Worker('q', processor)
          const other = new Worker('q', processor, { autorun: false })
          finish = undefined
          const job = await queue.add(name, {})
          await until(() => finish)
          seen[name] = [other.cancelJob(job.id), worker.cancelJob(job.id)]
          finish.resolve()
          await until(async () => ['completed', 'failed'].includes(await job.getState()))
          seen[name].push(await job.getState())
          await worker.close()
        }
        return { ...seen, aborted }
    """)
    assert made == {
        "reacts": [False, True, "failed"],
        "ignores": [False, True, "completed"],
        "takesNone": [False, False, "completed"],
        "aborted": True,
    }
