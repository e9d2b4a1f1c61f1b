"""What 05-schedule says of BullMQ (6.7)."""

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest


def test_a_delay_is_in_milliseconds(bullmq):
    """05: "`queue.add(name, data, { delay: 600000 })`, in milliseconds." """
    made = bullmq.run("""
        const queue = new Queue('q')
        const job = await queue.add('send', {}, { delay: 600000 })
        return { state: await job.getState(), timestamp: job.timestamp }
    """)
    assert made["state"] == "delayed"
    ((_, score),) = bullmq.redis.zrange("bull:q:delayed", 0, -1, withscores=True)
    assert score // 0x1000 == made["timestamp"] + 600_000  # the rest of the score keeps the order of equal times


def test_workers_move_delayed_jobs(bullmq):
    """05: "The workers move delayed jobs, so no scheduler is needed." """
    made = bullmq.run("""
        const queue = new Queue('q')
        const job = await queue.add('send', {}, { delay: 50 })
        await until(() => Date.now() > job.timestamp + 60)
        const states = [await job.getState()] // there is no worker yet
        new Worker('q', async () => {})
        await until(() => job.isCompleted())
        const later = await queue.add('send', {}, { delay: 50 }) // now the worker waits
        await until(() => later.isCompleted())
        const { processedOn } = await queue.getJob(later.id)
        return { states, after: processedOn - later.timestamp }
    """)
    assert made["states"] == ["delayed"]
    assert made["after"] >= 50


def test_a_scheduler_makes_the_next_job_when_the_last_one_starts(bullmq):
    """05: "`queue.upsertJobScheduler('poll', { every: 60000 })` writes a *job scheduler* into Redis. It makes the next job when
    the last one *starts*, so a failure does not end it."
    """
    made = bullmq.run("""
        const queue = new Queue('q')
        const seen = []
        const note = async () => seen.push((await queue.getDelayed()).map(job => job.name))
        await queue.upsertJobScheduler('poll', { every: 60000 })
        await note()
        const worker = new Worker('q', async () => { await note(); throw new Error('down') })
        for (const failures of [1, 2]) {
          await until(async () => await queue.getFailedCount() === failures)
          await note()
          await queue.promoteJobs() // so that the test need not wait a minute
        }
        const moments = (await queue.getFailed()).map(job => Number(job.id.split(':').pop())).sort()
        return { seen, between: moments[1] - moments[0] }
    """)
    # The first job is made for now, and is not delayed.
    assert made["seen"][0] == []
    assert made["seen"][1:5] == [["poll"]] * 4
    assert made["between"] % 60_000 == 0
    assert bullmq.redis.type("bull:q:repeat:poll") == b"hash"


def test_a_scheduler_is_one_entry(bullmq):
    """05: "A job scheduler is one entry in Redis, whoever calls `upsertJobScheduler`." """
    made = bullmq.run("""
        const [one, other] = [new Queue('q'), new Queue('q')]
        const call = queue => queue.upsertJobScheduler('poll', { pattern: '0 0 9 * * *' })
        await Promise.all([one, other, one, other].map(call))
        return [await one.getJobSchedulersCount(), await one.getDelayedCount()]
    """)
    assert made == [1, 1]
    assert bullmq.redis.zrange("bull:q:repeat", 0, -1) == [b"poll"]


@pytest.mark.parametrize("month", [1, 7])
def test_a_scheduler_takes_a_time_zone(bullmq, month):
    """05: "It takes a time zone: `{ pattern: '0 30 2 * * *', tz: 'Europe/Berlin' }`." """
    start = datetime(2100, month, 10, tzinfo=timezone.utc)  # in winter and in summer
    moment = bullmq.run(
        """
        const queue = new Queue('q')
        const startDate = new Date(start)
        await queue.upsertJobScheduler('night', { pattern: '0 30 2 * * *', tz: 'Europe/Berlin', startDate })
        return (await queue.getJobScheduler('night')).next
        """,
        start=start.isoformat(),
    )
    berlin = datetime.fromtimestamp(moment / 1000, ZoneInfo("Europe/Berlin"))
    assert berlin.replace(tzinfo=None) == datetime(2100, month, 10, 2, 30)


@pytest.mark.parametrize("end", ["completed", "failed"])
def test_deduplication_ends_with_the_job(bullmq, end):
    """05: "`deduplication: { id: 'digest-eve' }` keeps a second job out until the first one is completed *or failed*: no trap of
    a year."
    """
    made = bullmq.run(
        """
        const queue = new Queue('q')
        const options = { deduplication: { id: 'digest-eve' }, delay: 600000, attempts: 2, backoff: 600000 }
        const ids = []
        const add = async () => ids.push((await queue.add('digest', {}, options)).id)
        await add()
        await add() // while it is delayed
        let runs = 0
        new Worker('q', async () => {
          await add() // while it is active
          if (++runs === 1 || end === 'failed') throw new Error('down')
        })
        const job = await queue.getJob('1')
        await job.promote()
        await until(async () => runs === 1 && await job.isDelayed())
        await add() // while it waits for its second attempt
        await job.promote()
        await until(async () => await job.getState() === end)
        await add()
        return { ids, kept: await job.getState() }
        """,
        end=end,
    )
    assert len(set(made["ids"][:-1])) == 1
    assert made["ids"][-1] != made["ids"][0]
    assert made["kept"] == end
