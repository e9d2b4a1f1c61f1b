"""What the notes of 09-scale say of BullMQ (6.7), held against BullMQ itself. Each test quotes its claim."""

import pytest

from labsupport.processes.node import PLACE
from labsupport.processes.sentinels import NAME, SentinelGroup


@pytest.fixture
def group():
    """A primary that can be cut off, its replica, and three Sentinels."""
    started = SentinelGroup(cable=True)
    yield started
    started.close()


def test_jobs_without_a_priority_come_first(bullmq):
    """09: "A job has a `priority`, from 1 on; jobs without one come first." (Then comes 1; and 0 is none.)"""
    order, refused = bullmq.run("""
        const queue = new Queue('q')
        for (const priority of [2, 1, undefined, 2, 0]) await queue.add(`${priority}`, {}, { priority })
        const order = []
        new Worker('q', async job => { order.push(job.name) })
        await until(() => order.length === 5)
        return [order, await queue.add('send', {}, { priority: 2 ** 21 }).catch(error => error.message)]
    """)
    assert order == ["undefined", "0", "1", "2", "2"]
    assert refused == "Priority should be between 0 and 2097151"


def test_a_flow_is_added_at_once(bullmq):
    """09: "A *flow* has a parent that waits for its children, and is added with them at once." """
    with bullmq.redis.monitor() as monitor:
        before, order = bullmq.run("""
            const children = ['a', 'b'].map(name => ({ name, queueName: 'q' }))
            const { job } = await new FlowProducer().add({ name: 'parent', queueName: 'q', children })
            const before = await job.getState()
            const order = []
            new Worker('q', async job => { order.push(job.name) })
            await until(() => order.includes('parent'))
            return [before, order]
        """)
        commands = list(_until_the_first_is_active(monitor))
    assert (before, order) == ("waiting-children", ["a", "b", "parent"])
    assert [command for command in commands if command in ("MULTI", "ADDED", "EXEC")] == [
        "MULTI",
        *["ADDED"] * 3,
        "EXEC",
    ]


def _until_the_first_is_active(monitor):
    """The names of all commands. ADDED is the one by which a script says that it has added a job."""
    for command in iter(monitor.next_command, None):
        words = command["command"].split()
        if command["client_type"] == "lua" and words[0] == "XADD":
            if "active" in words:
                return
            yield "ADDED" if "added" in words else "XADD"
        else:
            yield words[0].upper()


@pytest.mark.parametrize(
    ("option", "parent"),
    [
        (None, "waiting-children"),
        ("failParentOnFailure", "failed"),
        ("continueParentOnFailure", "completed"),
        ("ignoreDependencyOnFailure", "completed"),
        ("removeDependencyOnFailure", "completed"),
    ],
)
def test_the_parent_of_a_failed_child(bullmq, option, parent):
    """09: "A failed child leaves the parent in *waiting-children*, unless the child has one of four options, such as
    `failParentOnFailure`." """
    state = bullmq.run(
        """
        const opts = option ? { [option]: true } : {}
        const children = [{ name: 'bad', queueName: 'q', opts }]
        const { job, children: [child] } = await new FlowProducer().add({ name: 'parent', queueName: 'q', children })
        new Worker('q', async job => { if (job.name === 'bad') throw new Error('down') })
        await until(() => child.job.isFailed())
        if (option) await until(async () => await job.isFailed() || await job.isCompleted())
        return job.getState()
        """,
        option=option,
    )
    assert state == parent


def test_the_limit_is_one_of_all_workers_that_have_it(bullmq):
    """09: "`new Worker(name, processor, { limiter: { max: 5, duration: 1000 } })` is a limit per time, for all workers
    that have it together." """
    active = bullmq.run("""
        const queue = new Queue('q')
        await queue.addBulk(Array.from({ length: 4 }, () => ({ name: 'send', data: {} })))
        let running = 0
        const both = () => running++ < 2 && until(() => running >= 2)
        for (const n of [1, 2]) new Worker('q', both, { limiter: { max: 3, duration: 300 } })
        await until(async () => await queue.getCompletedCount() === 4)
        const redis = await queue.getBackend().client
        const events = await redis.call('XRANGE', 'bull:q:events', '-', '+')
        return events.filter(([, fields]) => fields[1] === 'active').map(([id]) => parseInt(id))
    """)
    assert active[3] - active[0] >= 300  # by the clock of Redis, which also ends the time of the limit


def test_a_worker_without_the_limit_passes_it(bullmq):
    """09: "… is a limit per time, for all workers that have it together." """
    left, done = bullmq.run("""
        const queue = new Queue('q')
        const jobs = await queue.addBulk(Array.from({ length: 2 }, () => ({ name: 'send', data: {} })))
        const limited = new Worker('q', async () => {}, { limiter: { max: 1, duration: 60000 } })
        await until(() => limited.isRateLimited())
        const left = await queue.getWaitingCount()
        new Worker('q', async () => {})
        await until(() => jobs[1].isCompleted())
        return [left, await queue.getCompletedCount()]
    """)
    assert (left, done) == (1, 2)


def test_a_fail_over_loses_a_job_of_bullmq_too(bullmq, group):
    """09: "The same, since it is Redis that loses. BullMQ's client, ioredis, takes `sentinels: [{ host, port }, …]` and a
    `name`." """
    password = group.settings["REDIS_SENTINEL_PASSWORD"]
    addresses = [{"host": "127.0.0.1", "port": sentinel.port} for sentinel in group.sentinels]
    by_sentinels = {"sentinels": addresses, "name": NAME, "password": password, "sentinelPassword": password}
    add = """
        const queue = new Queue('q', { connection })
        const job = await queue.add(name, {}, { jobId: name })
        await (await queue.getBackend().client).call('WAIT', copies, 20000)
        return job.getState()
    """
    assert bullmq.run(add, connection=by_sentinels, name="copied", copies=1) == "waiting"
    group.cut_off()
    near = {"url": group.primary.url}
    assert bullmq.run(add, connection=near, name="too-late", copies=0) == "waiting"
    group.wait_for_failover()
    found = bullmq.run(
        "return (await new Queue('q', { connection }).getWaiting()).map(job => job.id)", connection=by_sentinels
    )
    assert found == ["copied"]


def test_where_sentinels_are_described():
    """09: "See ioredis' README, *Sentinel*." """
    assert "\n## Sentinel\n" in (PLACE / "node_modules" / "ioredis" / "README.md").read_text(encoding="utf8")
