"""What 01-enqueue says of BullMQ (6.7)."""

import json
import re
import time

import pytest

from labsupport.processes import node
from tests.bullmq import JavaScriptError


def answering(answer: int) -> str:
    """A file with a processor."""
    return f"module.exports = async () => {answer}"


def test_add_returns_when_redis_has_the_job(bullmq):
    """01: "`await queue.add(…)` returns when Redis has the job." """
    seen = bullmq.run("""
        const [queue, other] = [new Queue('q'), new Queue('q')]
        await other.waitUntilReady()
        const adding = queue.add('send', {})
        const before = await Promise.race([adding.then(() => 'added'), 'still adding'])
        const { id } = await adding
        return { before, job: (await other.getJob(id)).name, waiting: await other.getWaitingCount() }
    """)
    assert seen == {"before": "still adding", "job": "send", "waiting": 1}


def test_add_throws_without_redis(bullmq):
    """01: "`await queue.add(…)` returns when Redis has the job." """
    with pytest.raises(JavaScriptError):
        bullmq.run("""
            const queue = new Queue('q', { connection: { port: 1, retryStrategy: () => null } })
            await queue.add('send', {})
        """)


def test_a_job_has_a_name_and_data(bullmq):
    """01: "a BullMQ job has a *name* and *data*", "The worker's processor decides what the name means."

    01: "BullMQ's jobs are JSON, and carry a name, not a path."
    """
    bullmq.run("await new Queue('q').add('send', { to: ['Ada', 1] }, { attempts: 2 })")
    fields = {key.decode(): value.decode() for key, value in bullmq.redis.hgetall("bull:q:1").items()}
    assert fields["name"] == "send"
    assert json.loads(fields["data"]) == {"to": ["Ada", 1]}
    assert json.loads(fields["opts"]) == {"attempts": 2}
    assert set(fields) == {"name", "data", "opts", "timestamp", "delay", "priority"}  # there is no place for a path
    seen = bullmq.run("""
        const seen = []
        const processors = { send: data => seen.push(data) }
        new Worker('q', async job => processors[job.name](job.data))
        await until(() => seen.length)
        return seen
    """)
    assert seen == [{"to": ["Ada", 1]}]


def test_a_stranger_calls_what_the_processor_offers(bullmq):
    """01: "A stranger can only call what your processor offers." """
    # All of it may look like a path.
    job = {"name": "child_process.execSync", "data": '["touch x"]', "opts": '{"processor": "child_process.execSync"}'}
    bullmq.redis.hset("bull:q:by-hand", mapping={**job, "timestamp": 1, "delay": 0, "priority": 0})
    bullmq.redis.lpush("bull:q:wait", "by-hand")
    made = bullmq.run("""
        const queue = new Queue('q')
        await queue.add('ours', {})
        const called = []
        new Worker('q', async job => {
          called.push(job.name)
          if (job.name !== 'ours') throw new Error(`what is ${job.name}?`)
        })
        await until(async () => await queue.getCompletedCount() === 1)
        return { called, reason: (await queue.getJob('by-hand')).failedReason }
    """)
    assert made == {
        "called": ["child_process.execSync", "ours"],
        "reason": "what is child_process.execSync?",
    }


def test_a_processor_is_loaded_once(bullmq, tmp_path):
    """01: "It is loaded once: new code needs a restart." """
    file = tmp_path / "processor.cjs"
    file.write_text(answering(1))
    made = bullmq.run(
        """
        const { writeFile } = await import('node:fs/promises')
        const queue = new Queue('q')
        const options = { workerForkOptions: { execArgv: [] } } // not the arguments that this process was started with
        async function work () {
          const job = await queue.add('answer', {})
          await until(() => job.isCompleted())
          return (await queue.getJob(job.id)).returnvalue
        }
        const first = new Worker('q', file, options)
        const answers = [await work()]
        await writeFile(file, changed)
        answers.push(await work())
        await first.close()
        new Worker('q', file, options)
        answers.push(await work())
        return answers
        """,
        file=str(file),
        changed=answering(2),
    )
    assert made == [1, 1, 2]


def test_a_script_adds_a_job(bullmq):
    """01: "BullMQ sends a Lua script, which Redis runs as a whole.", "The line is the list `bull:notification-queue:wait`,
    a job the hash `bull:notification-queue:1`."
    """
    with bullmq.redis.monitor() as monitor:
        bullmq.run("await new Queue('notification-queue').add('send', {})")
        bullmq.redis.echo("the end")
        commands = []
        for command in monitor.listen():
            if "the end" in command["command"]:
                break
            commands.append(command)
    writes = [
        each for each in commands if re.match(r"(LPUSH|HMSET|HSET|XADD) .*:(wait|1|events) ", each["command"], re.I)
    ]
    assert len(writes) >= 3
    assert {each["client_type"] for each in writes} == {"lua"}
    asked = [each["command"].split()[0].upper() for each in commands if each["client_type"] != "lua"]
    assert not {"MULTI", "EXEC"} & set(asked)
    assert bullmq.redis.type("bull:notification-queue:wait") == b"list"
    assert bullmq.redis.lrange("bull:notification-queue:wait", 0, -1) == [b"1"]
    assert bullmq.redis.type("bull:notification-queue:1") == b"hash"


def test_a_second_job_of_an_id_is_ignored(bullmq):
    """01: "`jobId: …`; a second job is ignored, with an event `duplicated`" """
    made = bullmq.run("""
        const queue = new Queue('q')
        const ids = []
        for (const to of ['Ada', 'Bob']) ids.push((await queue.add('send', { to }, { jobId: 'a-letter' })).id)
        return { ids, count: await queue.count(), kept: (await queue.getJob('a-letter')).data }
    """)
    assert made == {"ids": ["a-letter"] * 2, "count": 1, "kept": {"to": "Ada"}}
    events = [fields for _, fields in bullmq.redis.xrange("bull:q:events")]
    assert [event[b"event"] for event in events] == [b"added", b"waiting", b"duplicated"]
    assert events[-1][b"jobId"] == b"a-letter"


def test_lifo_is_at_front(bullmq):
    """01: "`at_front=True`", "`lifo: true`" """
    made = bullmq.run("""
        const queue = new Queue('q')
        for (const name of ['first', 'second']) await queue.add(name, {})
        await queue.add('urgent', {}, { lifo: true })
        const order = []
        new Worker('q', async job => { order.push(job.name) })
        await until(() => order.length === 3)
        return order
    """)
    assert made == ["urgent", "first", "second"]


def test_an_old_result_goes_when_a_later_job_with_the_option_ends(bullmq):
    """01: "`removeOnComplete: { age: 60 }`: gone when a later job with it ends; by default kept" """

    def kept_after_a_job(options: dict) -> list[str]:
        return bullmq.run(
            """
            const queue = new Queue('q')
            new Worker('q', async () => {})
            const job = await queue.add('send', {}, options)
            await until(() => job.isCompleted())
            return (await queue.getCompleted()).map(job => job.id).sort()
            """,
            options=options,
        )

    aged = {"removeOnComplete": {"age": 60}}
    kept_after_a_job(aged)
    assert kept_after_a_job({}) == ["1", "2"]
    old = (time.time() - 61) * 1000
    bullmq.redis.zadd("bull:q:completed", {"1": old, "2": old})  # both ended 61 s ago
    # A job without the option removes none. One with it removes old ones, even such as had no option.
    assert kept_after_a_job({}) == ["1", "2", "3"]
    assert kept_after_a_job(aged) == ["3", "4"]
    assert bullmq.redis.ttl("bull:q:3") == -1


def test_a_job_has_no_timeout(bullmq):
    """01: "`job_timeout=1`", "missing: the processor must limit itself"

    03: "`job_timeout`", "missing"
    """
    package = node.PLACE / "node_modules" / "bullmq" / "dist" / "esm" / "interfaces"
    for options in ("base-job-options.d.ts", "worker-options.d.ts"):
        assert not re.search(r"^\s*\w*timeout\w*\??:", (package / options).read_text(), re.I | re.M)
    made = bullmq.run("""
        const queue = new Queue('q')
        const job = await queue.add('send', {}, { timeout: 1, jobTimeout: 1 })
        new Worker('q', async () => { await sleep(0.1); return 'done' })
        await until(() => job.isCompleted())
        return (await queue.getJob(job.id)).returnvalue
    """)
    assert made == "done"


def test_a_processor_limits_itself(bullmq):
    """01: "the processor must limit itself" """
    reason = bullmq.run("""
        const queue = new Queue('q')
        const job = await queue.add('send', {})
        const limit = async () => { await sleep(0.01); throw new Error('too long') }
        new Worker('q', async () => await Promise.race([limit(), new Promise(() => {})]))
        await until(() => job.isFailed())
        return (await queue.getJob(job.id)).failedReason
    """)
    assert reason == "too long"
