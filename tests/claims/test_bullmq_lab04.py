"""What 04-retry says of BullMQ (6.7)."""

import inspect
import signal
from subprocess import PIPE

import rq.exceptions

FAILING = """
const queue = new Queue('q')
let runs = 0
const fail = async () => { runs++; throw new Error('the provider is down') }
"""
"""A queue, and a processor that fails."""


def test_three_attempts(bullmq):
    """04: "There `attempts: 3` means three attempts in all, so it is `Retry(max=2)` here." """
    runs = bullmq.run(
        FAILING
        + """
        const job = await queue.add('send', {}, { attempts: 3 })
        new Worker('q', fail)
        await until(() => job.isFailed())
        return runs
        """
    )
    assert runs == 3


def test_exponential_pauses(bullmq):
    """04: "`Retry(max=2, interval=[1, 2])`", "`attempts: 3, backoff: { type: 'exponential', delay: 1000 }`", "*delayed*" """
    made = bullmq.run(
        FAILING
        + """
        const job = await queue.add('send', {}, { attempts: 3, backoff: { type: 'exponential', delay: 1000 } })
        const failed = []
        new Worker('q', fail).on('failed', () => failed.push(runs))
        const pauses = []
        for (const run of [1, 2]) {
          await until(() => failed.length === run)
          const waiting = await queue.getJob(job.id)
          pauses.push([await waiting.getState(), waiting.delay])
          await waiting.promote() // so that the test need not wait
        }
        await until(() => job.isFailed())
        return { runs, pauses }
        """
    )
    assert made == {"runs": 3, "pauses": [["delayed", 1000], ["delayed", 2000]]}


def test_workers_move_delayed_jobs(bullmq):
    """04: "a scheduler, in a worker `--with-scheduler`", "none needed: the workers move delayed jobs themselves" """
    made = bullmq.run(
        FAILING
        + """
        const job = await queue.add('send', {}, { attempts: 2, backoff: 50 })
        const times = []
        new Worker('q', async () => { times.push(Date.now()); await fail() })
        await until(() => job.isFailed())
        return { runs, pause: times[1] - times[0] }
        """
    )
    assert made["runs"] == 2
    assert made["pause"] >= 49  # both are whole milliseconds


def test_both_backoffs_take_jitter(bullmq):
    """04: "Both backoffs take `jitter`. With `jitter: 0.5` a pause is drawn between half of it and the whole." """
    pauses = bullmq.run("""
        const queue = new Queue('q')
        new Worker('q', async () => { throw new Error('down') })
        const random = Math.random
        const pauses = { fixed: [], exponential: [] }
        try {
          for (const [type, drawn] of Object.entries(pauses)) {
            for (const draw of [0, 0.5, 0.99]) {
              Math.random = () => draw
              const job = await queue.add('send', {}, { attempts: 2, backoff: { type, delay: 60000, jitter: 0.5 } })
              await until(() => job.isDelayed())
              drawn.push((await queue.getJob(job.id)).delay)
            }
          }
        } finally {
          Math.random = random
        }
        return pauses
    """)
    assert pauses == {"fixed": [30_000, 45_000, 59_700], "exponential": [30_000, 45_000, 59_700]}


def test_a_limiter_is_over_all_workers(bullmq):
    """04: "BullMQ also limits the jobs themselves: workers that all have `limiter: { max: 10, duration: 1000 }` start ten a
    second in all."
    """
    at = bullmq.run("""
        const queue = new Queue('q')
        const workers = new Set()
        const work = name => new Worker('q', async () => {
          workers.add(name)
          await until(() => workers.size === 2) // each has a part in it
        }, { limiter: { max: 5, duration: 500 } })
        for (const name of ['first', 'second']) work(name)
        await queue.addBulk(Array.from({ length: 7 }, () => ({ name: 'call', data: {} })))
        await until(async () => await queue.getCompletedCount() === 7)
        return (await queue.getCompleted()).map(job => job.processedOn).sort((a, b) => a - b)
    """)
    # A worker notes the time before it asks, so less than 500 ms may be between them.
    assert at[5] - at[0] >= 300


def test_a_worker_without_a_limiter_has_no_limit(bullmq):
    """04: "workers that all have `limiter: { max: 10, duration: 1000 }`" """
    made = bullmq.run("""
        const queue = new Queue('q')
        const limiter = { max: 1, duration: 60000 }
        let [ours, theirs] = [0, 0]
        await queue.addBulk(Array.from({ length: 3 }, () => ({ name: 'call', data: {} })))
        new Worker('q', async () => { ours++ }, { limiter })
        await until(async () => ours && await queue.getRateLimitTtl(1) > 0)
        new Worker('q', async () => { theirs++ })
        await until(async () => await queue.getCompletedCount() === 3)
        return { ours, theirs }
    """)
    assert made == {"ours": 1, "theirs": 2}


def test_an_unrecoverable_error(bullmq):
    """04: "`throw new UnrecoverableError('no such address')` fails the job at once, whatever `attempts` says." """
    made = bullmq.run("""
        const queue = new Queue('q')
        const job = await queue.add('send', {}, { attempts: 9 })
        let runs = 0
        new Worker('q', async () => { runs++; throw new UnrecoverableError('no such address') })
        await until(() => job.isFailed())
        return { runs, reason: (await queue.getJob(job.id)).failedReason }
    """)
    assert made == {"runs": 1, "reason": "no such address"}


def test_rq_has_no_such_error():
    """04: "RQ has no such error." """
    errors = [name for name, _ in inspect.getmembers(rq.exceptions, inspect.isclass)]
    assert errors
    assert not [name for name in errors if "recover" in name.lower() or "retry" in name.lower()]


def test_ids_count_up_in_each_queue(bullmq):
    """04: "Nearly the same: *at least once*, and your own `jobId` makes a key (BullMQ's are 1, 2, …)." """
    ids = bullmq.run("""
        const [one, other] = [new Queue('one'), new Queue('other')]
        const ids = []
        for (const queue of [one, one, other]) ids.push((await queue.add('send', {})).id)
        await one.obliterate()
        for (const options of [{}, { jobId: 'letter-7' }]) ids.push((await one.add('send', {}, options)).id)
        return ids
    """)
    assert ids == ["1", "2", "1", "1", "letter-7"]


def test_a_stalled_job_runs_again_even_with_one_attempt(bullmq):
    """04: "*at least once*", "a job whose worker died is *stalled*, and BullMQ runs it again, even with `attempts: 1`" """
    process = bullmq.start(
        """
        import { Queue, Worker } from 'bullmq'
        const connection = { url: process.env.REDIS_URL, maxRetriesPerRequest: null }
        await new Queue('q', { connection }).add('send', {}, { attempts: 1, jobId: 'letter-7' })
        const run = job => new Promise(() => console.log(job.id))
        new Worker('q', run, { connection, lockDuration: 200, stalledInterval: 20 })
        """,
        stdout=PIPE,
    )
    try:
        assert process.stdout.readline() == b"letter-7\n"
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    made = bullmq.run("""
        const queue = new Queue('q')
        const seen = []
        const worker = new Worker('q', async job => { seen.push(job.id) }, { stalledInterval: 20 })
        worker.on('stalled', id => seen.push(`${id} stalled`))
        await until(async () => seen.length === 2 && await queue.getCompletedCount() === 1)
        return seen
    """)
    # The id stays the same, so it makes a key.
    assert sorted(made) == ["letter-7", "letter-7 stalled"]


def test_retry_by_hand(bullmq):
    """04: "`job.retry()` is `requeue`; `retry('failed', { resetAttemptsMade: true })` gives attempts back." """
    made = bullmq.run(
        FAILING
        + """
        const job = await queue.add('send', {}, { attempts: 3 })
        const counts = []
        new Worker('q', fail)
        async function failed () {
          await until(() => job.isFailed())
          counts.push(runs)
          runs = 0
        }
        await failed()
        await job.retry()
        await failed()
        await job.retry('failed', { resetAttemptsMade: true })
        await failed()
        // An option in the first place is none.
        const wrong = await job.retry({ resetAttemptsMade: true }).catch(error => error.message)
        return { counts, wrong, state: await job.getState() }
        """
    )
    assert made["counts"] == [3, 1, 3]
    assert made["state"] == "failed"
    assert made["wrong"]
