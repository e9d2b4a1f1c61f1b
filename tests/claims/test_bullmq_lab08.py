"""What the notes of 08-survive say of BullMQ (6.7), held against BullMQ itself. Each test quotes its claim."""

import subprocess

import pytest

from labsupport.processes.node import PLACE

BLOCKED = """
    import { Worker } from 'bullmq'
    import { existsSync } from 'node:fs'
    const connection = { url: process.env.REDIS_URL, maxRetriesPerRequest: null }
    const moment = new Int32Array(new SharedArrayBuffer(4))
    new Worker('q', async () => {
        console.log('begun')
        const latest = Date.now() + 30_000
        // No other code of the process runs meanwhile, so no renewal either.
        while (!existsSync(process.env.END) && Date.now() < latest) Atomics.wait(moment, 0, 0, 20)
        console.log('done')
    }, { connection, lockDuration: 200, stalledInterval: 50 })
"""
"""A worker whose job blocks its process until a file is there."""


@pytest.fixture
def blocked(bullmq, tmp_path, monkeypatch):
    """A worker of a process of its own, which is in the middle of the only job of the queue."""
    monkeypatch.setitem(bullmq._environment, "END", str(tmp_path / "end"))
    bullmq.run("await new Queue('q').add('send', {})")
    process = bullmq.start(BLOCKED, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def full(server):
    """A server that can be filled: how JavaScript connects to it."""
    return {"url": server.url, "maxRetriesPerRequest": None}


def test_a_lock_lasts_30_seconds_and_is_renewed(bullmq):
    """08: "A worker renews a lock on its job while it runs. When the lock expires, after 30 s, …" """
    defaults, first, then = bullmq.run("""
        const queue = new Queue('q')
        const redis = await queue.getBackend().client
        const expires = () => redis.call('PEXPIRETIME', queue.toKey(job.id) + ':lock')
        const job = await queue.add('send', {})
        const defaults = new Worker('other', async () => {}).opts
        const worker = new Worker('q', () => new Promise(() => {}), { lockRenewTime: 50 })
        await until(() => job.isActive())
        const left = await redis.call('PTTL', queue.toKey(job.id) + ':lock')
        const first = await expires()
        await new Promise(resolve => worker.on('locksRenewed', resolve))
        return [{ ...defaults, left }, first, await expires()]
    """)
    assert (defaults["lockDuration"], defaults["lockRenewTime"]) == (30_000, 15_000)
    assert 0 < defaults["left"] <= 30_000
    assert then > first


def test_the_job_of_a_killed_worker_is_run_by_another_one(bullmq, blocked):
    """08: "When the lock expires, …, the job is *stalled*: another worker puts it back. … This needs no `attempts`." """
    blocked.kill()
    made = bullmq.run("""
        const queue = new Queue('q')
        const [job] = await queue.getActive()
        const stalled = []
        new Worker('q', async () => 'sent', { stalledInterval: 50 }).on('stalled', id => stalled.push(id))
        await until(() => job.isCompleted())
        const { returnvalue, opts } = await queue.getJob(job.id)
        return [stalled.length, returnvalue, opts.attempts]
    """)
    assert made == [1, "sent", 0]


def test_stalled_a_second_time_a_job_fails(bullmq):
    """08: "A second time, it fails (`maxStalledCount: 1`). This needs no `attempts`." """
    count, runs, reason = bullmq.run("""
        const queue = new Queue('q')
        const job = await queue.add('send', {})
        const dying = new Worker('q', null, { lockDuration: 20 }) // takes by hand, and renews no lock
        const checking = new Worker('q', null, { stalledInterval: 20 })
        await checking.startStalledCheckTimer()
        for (let time = 0; time < 2; time++) {
            await dying.getNextJob('token')
            await until(() => job.isWaiting())
        }
        let runs = 0
        new Worker('q', async () => { runs++ })
        await until(() => job.isFailed())
        return [checking.opts.maxStalledCount, runs, (await queue.getJob(job.id)).failedReason]
    """)
    assert (count, runs) == (1, 0)
    assert reason == "job stalled more than allowable limit"


def test_a_worker_has_one_queue(bullmq):
    """08: "A BullMQ worker has one queue." """
    states, read = bullmq.run("""
        const jobs = [await new Queue('one').add('send', {}), await new Queue('two').add('send', {})]
        new Worker('one', async () => {})
        await until(() => jobs[0].isCompleted())
        const both = new Worker(['one', 'two'], async () => {}) // no list of queues, but the name of a third one
        return [[await jobs[0].getState(), await jobs[1].getState()], both.qualifiedName]
    """)
    assert states == ["completed", "waiting"]
    assert read == "bull:one,two"


def test_one_worker_looks_for_stalled_jobs(bullmq):
    """08: "locks last 30 s, and every 30 s one worker looks for stalled jobs (`stalledInterval`)." """
    interval, left, (first, second, third) = bullmq.run("""
        const queue = new Queue('q')
        const redis = await queue.getBackend().client
        const looked = () => redis.call('GET', queue.toKey('stalled-check'))
        const one = new Worker('q', async () => {})
        const first = await until(looked)
        const left = await redis.call('PTTL', queue.toKey('stalled-check'))
        const other = new Worker('q', null)
        await until(() => Date.now() > first)
        await other.getBackend().moveStalledJobsToWait()
        const second = await looked()
        await redis.call('DEL', queue.toKey('stalled-check')) // as after 30 s
        await other.getBackend().moveStalledJobsToWait()
        return [one.opts.stalledInterval, left, [first, second, await looked()]]
    """)
    assert interval == 30_000
    assert 0 < left <= 30_000
    assert first == second
    assert third > first


def test_a_job_that_blocks_its_process_can_run_twice(bullmq, blocked, tmp_path):
    """08: "A job that blocks its process for too long blocks the renewal, too, and can run twice." """
    runs = bullmq.run("""
        let runs = 0
        const [job] = await new Queue('q').getActive()
        new Worker('q', async () => { runs++ }, { stalledInterval: 50 })
        await until(() => job.isCompleted())
        return runs
    """)
    (tmp_path / "end").touch()
    assert blocked.stdout.readline() == "done\n"
    assert runs == 1  # beside the one that is done just now


def test_a_full_redis(bullmq, full):
    """08: "Different: on a full Redis a BullMQ worker completes its job, emits *error*, goes on." (The script that
    finishes a job deletes its lock first, and a script that has begun to write may go on. The one that takes a job is
    refused.)"""
    made, refused, errors, then = bullmq.run(
        """
        const queue = new Queue('q', { connection: full })
        const redis = await queue.getBackend().client
        const fill = limit => redis.call('CONFIG', 'SET', 'maxmemory', limit)
        const first = await queue.add('fill', {})
        const worker = new Worker('q', job => job.name === 'fill' && fill('500kb'), { connection: full, drainDelay: 0.05 })
        const errors = []
        worker.on('error', error => errors.push(error.message))
        await until(() => first.isCompleted())
        const refused = await queue.add('send', {}).catch(error => error.message)
        const before = errors.length
        await until(() => errors.length > before + 2)
        await fill('0')
        const second = await queue.add('send', {})
        await until(() => second.isCompleted())
        return [await first.getState(), refused, errors, await second.getState()]
        """,
        full=full,
    )
    assert (made, then) == ("completed", "completed")
    assert all(error.startswith("OOM") for error in [refused, *errors])


def test_a_worker_can_start_on_a_full_redis(bullmq, full):
    """08: "… emits *error*, goes on." (And so without a pause: in RQ no worker can start then.)"""
    pauses, state = bullmq.run(
        """
        const queue = new Queue('q', { connection: full })
        const redis = await queue.getBackend().client
        const job = await queue.add('send', {})
        await redis.call('CONFIG', 'SET', 'maxmemory', '500kb')
        const worker = new Worker('q', async () => {}, { connection: full })
        const pauses = []
        worker.delay = async time => { pauses.push(time) }
        let errors = 0
        worker.on('error', () => errors++)
        await until(() => errors > 200)
        await redis.call('CONFIG', 'SET', 'maxmemory', '0')
        await until(() => job.isCompleted())
        return [pauses, await job.getState()]
        """,
        full=full,
    )
    assert (pauses, state) == ([], "completed")


@pytest.mark.parametrize(("policy", "warnings"), [("noeviction", 0), ("volatile-lru", 1)])
def test_the_eviction_policy_is_warned_of(bullmq, full, server, policy, warnings):
    """08: "BullMQ warns if the policy is not `noeviction`." """
    server.redis.config_set("maxmemory-policy", policy)
    said = bullmq.run(
        """
        const said = []
        const warn = console.warn
        console.warn = words => said.push(words)
        await new Queue('q', { connection: full }).waitUntilReady()
        console.warn = warn
        return said
        """,
        full=full,
    )
    assert said == [f'IMPORTANT! Eviction policy is {policy}. It should be "noeviction"'] * warnings


def test_failed_jobs_stay_until_another_one_fails_a_week_later(bullmq):
    """08: "Failed jobs stay; with `removeOnFail: { age: 604800 }`, until one fails a week later." """
    kept = bullmq.run("""
        const week = 604800
        const queue = new Queue('q')
        const redis = await queue.getBackend().client
        new Worker('q', async job => { if (job.name === 'bad') throw new Error('down') })
        async function over (name, options) {
            const job = await queue.add(name, {}, options)
            await until(() => job.finishedOn ?? job.isFailed().then(failed => failed || job.isCompleted()))
            return job
        }
        const old = [await over('bad', {}), await over('bad', { removeOnFail: { age: week } })]
        for (const job of old) await redis.call('ZADD', queue.toKey('failed'), Date.now() - week * 1000 - 1, job.id)
        const left = async () => (await queue.getFailed()).length
        const expiry = await redis.call('TTL', queue.toKey(old[1].id))
        const kept = [expiry, await left()]
        await over('good', {})
        kept.push(await left())
        await over('bad', {})
        kept.push(await left())
        await over('bad', { removeOnFail: { age: week } })
        kept.push(await left())
        return kept
    """)
    assert kept == [-1, 2, 2, 3, 2]  # the last two are younger than a week


def test_one_script_takes_a_job(bullmq):
    """08: "One Lua script takes a job, notes its lock and moves its id into the list *active*." """
    with bullmq.redis.monitor() as monitor:
        taken = bullmq.run("""
            const queue = new Queue('q')
            await queue.add('send', {})
            const redis = await queue.getBackend().client
            await redis.call('ECHO', 'begin')
            await new Worker('q', null).getNextJob('token')
            await redis.call('ECHO', 'end')
            return [await redis.call('GET', 'bull:q:1:lock'), await redis.call('LRANGE', 'bull:q:active', 0, -1)]
        """)
        commands = _between(monitor)
    assert taken == ["token", ["1"]]
    asked = [command["command"].split()[0].upper() for command in commands if command["client_type"] != "lua"]
    assert len([name for name in asked if name.startswith("EVAL")]) == 1
    assert {name for name in asked if not name.startswith("EVAL")} <= {
        "AUTH",
        "HELLO",
        "CLIENT",
        "INFO",
    }  # of connecting
    by_script = [command["command"] for command in commands if command["client_type"] == "lua"]
    assert "RPOPLPUSH bull:q:wait bull:q:active" in by_script
    assert any(command.startswith("SET bull:q:1:lock token PX 30000") for command in by_script)


def _between(monitor) -> list[dict]:
    """The commands from ECHO begin to ECHO end."""
    commands = iter(monitor.next_command, None)
    for command in commands:
        if command["command"] == "ECHO begin":
            break
    found = []
    for command in commands:
        if command["command"] == "ECHO end":
            return found
        found.append(command)
    raise AssertionError


def test_only_the_token_of_the_lock_finishes_a_job(bullmq):
    """08: "The script that finishes a job refuses a token that is not the lock's." """
    refused, state, then = bullmq.run("""
        const queue = new Queue('q')
        await queue.add('send', {})
        const job = await new Worker('q', null).getNextJob('token')
        const refused = await job.moveToCompleted('sent', 'another', false).catch(error => error.message)
        const state = await job.getState()
        await job.moveToCompleted('sent', 'token', false)
        return [refused, state, await job.getState()]
    """)
    assert "Lock mismatch" in refused
    assert (state, then) == ("active", "completed")


@pytest.mark.parametrize("script", ["moveToActive", "moveToFinished"])
def test_where_the_scripts_are(script):
    """08: "See BullMQ's source, `moveToActive` and `moveToFinished`." """
    commands = PLACE / "node_modules" / "bullmq" / "dist" / "esm" / "commands"
    assert len(list(commands.glob(f"{script}-*.lua"))) == 1
