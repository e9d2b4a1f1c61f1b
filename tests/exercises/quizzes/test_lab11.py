"""What is right in the quiz of 11-bullmq is what BullMQ and RQ do."""

import os
import signal
import subprocess
from contextlib import suppress

import pytest
from rq import Queue, Retry, SimpleWorker, get_current_job
from rq.exceptions import DuplicateJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.errors import LabError
from labsupport.exercises.lab04.retries import pauses
from labsupport.exercises.lab11 import quiz
from labsupport.exercises.quizzes.question import evaluated
from labsupport.experiments.maintenance import minutes_later
from labsupport.processes.workers import work_off
from labsupport.waiting import wait_until
from tests.bullmq import Bullmq


def fail() -> None:
    raise OSError("the provider is down")


def die() -> None:
    job = get_current_job()
    job.connection.incr(f"{job.key}:runs")
    os.kill(os.getpid(), signal.SIGKILL)  # of a SimpleWorker, that is the worker


@pytest.mark.parametrize(("attempts", "delay"), [(3, 2000), (5, 1000)])
def test_the_same_in_rq(bullmq, queue, attempts, delay):
    theirs = bullmq.run(
        """
        const queue = new Queue('q')
        const job = await queue.add('fails', {}, { attempts, backoff: { type: 'exponential', delay } })
        const worker = new Worker('q', async () => { throw new Error('down') })
        const pauses = []
        for (;;) {
            await until(async () => await job.isDelayed() || await job.isFailed())
            if (await job.isFailed()) return pauses
            const now = await queue.getJob(job.id)
            pauses.push(now.delay)
            await now.promote() // its time has come
        }
        """,
        attempts=attempts,
        delay=delay,
    )
    assert len(theirs) == attempts - 1
    policy = evaluated(quiz.the_same_in_rq(attempts, delay).right)
    assert [1000 * pause for pause in pauses(policy, queue.create_job(fail))] == theirs


@pytest.mark.parametrize("times", [2, 3])
def test_an_id_again(bullmq, lab, times, monkeypatch):
    theirs = bullmq.run(
        """
        const queue = new Queue('q')
        for (let n = 0; n < times; n++) await queue.add('mail', { n }, { jobId: 'order-7' })
        await queue.add('last', {})
        const runs = []
        new Worker('q', async job => runs.push(job.name))
        await until(() => runs.includes('last'))
        return runs.length - 1
        """,
        times=times,
    )
    ran = []
    monkeypatch.setattr(Job, "perform", lambda job: ran.append(job.origin))
    for unique in (False, True):
        queue = Queue(f"unique-{unique}", connection=lab.redis, serializer=JSONSerializer)
        for n in range(times):
            with suppress(DuplicateJobError):
                queue.enqueue(print, n, job_id="order-7", unique=unique)
        SimpleWorker([queue], connection=lab.redis, serializer=JSONSerializer).work(burst=True)
        queue.fetch_job("order-7").delete()
    ours = [ran.count("unique-False"), ran.count("unique-True")]
    assert [theirs, *ours] == evaluated(quiz.an_id_again(times).right)


COMPUTES = """
import { existsSync } from 'node:fs'
import { Queue, Worker } from 'bullmq'
const connection = { url: process.env.REDIS_URL }
const queue = new Queue('went-on', { connection })
new Worker('q', async job => {
    const redis = await queue.getBackend().client
    if (job.name === 'computes') {
        while (!await redis.get('go')) await new Promise(resolve => setTimeout(resolve, 5))
        await redis.set('computing', 1)
        while (!existsSync(FILE)) {}
    } else {
        while (!await redis.get('computing')) await new Promise(resolve => setTimeout(resolve, 5))
        await redis.sadd('went-on', job.id)
        while (!await redis.get('go on')) await new Promise(resolve => setTimeout(resolve, 5))
    }
}, { connection, concurrency: CONCURRENCY })
"""


def test_stands_still(bullmq, tmp_path):
    processes, concurrency = 2, 3
    jobs = processes * concurrency
    code = COMPUTES.replace("FILE", repr(str(tmp_path / "enough"))).replace("CONCURRENCY", str(concurrency))
    bullmq.run(
        "await new Queue('q').addBulk(names.map(name => ({ name, data: {} })))",
        names=["computes"] + ["waits"] * (jobs - 1),
    )
    started = [bullmq.start(code, stdout=subprocess.DEVNULL) for _ in range(processes)]
    redis = bullmq.redis
    try:
        wait_until(lambda: redis.llen("bull:q:active") == jobs, lambda: "all begin", timeout=60)
        redis.set("go", 1)
        others = jobs - concurrency  # those of the other process
        wait_until(lambda: redis.scard("went-on") >= others, lambda: f"{redis.smembers('went-on')} went on", timeout=60)
        went_on = redis.scard("went-on")
        (tmp_path / "enough").touch()
        # It was the computing alone that held them up.
        wait_until(lambda: redis.scard("went-on") == jobs - 1, lambda: "the rest goes on", timeout=60)
    finally:
        for process in started:
            process.kill()
            process.communicate()
    assert jobs - 1 - went_on == evaluated(quiz.stands_still(processes, concurrency).right)


DIES = """
import { Worker } from 'bullmq'
const connection = { url: process.env.REDIS_URL }
const worker = new Worker('q', async () => {
    const redis = await worker.getBackend().client
    await redis.incr('begun')
    process.kill(process.pid, 'SIGKILL')
}, { connection, lockDuration: 200, stalledInterval: 50 })
"""


def failed(bullmq: Bullmq) -> bool:
    return bullmq.redis.zcard("bull:q:failed") > 0


def one_worker_dies(bullmq: Bullmq) -> bool:
    """Start a worker that has its job once. Returns whether the job has failed for good."""
    worker = bullmq.start(DIES, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: worker.poll() is not None or failed(bullmq), lambda: "a worker at work", timeout=60)
    finally:
        worker.kill()
        worker.communicate()
    return failed(bullmq)


@pytest.mark.parametrize("attempts", [3, 4])
def test_killed_each_time(bullmq, queue, tmp_path, attempts):
    bullmq.run("await new Queue('q').add('send', {}, { attempts })", attempts=attempts)
    while not one_worker_dies(bullmq):
        pass
    theirs = int(bullmq.redis.get("begun"))
    job = queue.enqueue(die, retry=Retry(max=attempts - 1))
    while queue.count:
        with pytest.raises(LabError, match="died"):
            work_off([queue], folder=tmp_path, worker_class="rq.SimpleWorker")
        minutes_later(queue, 600)  # a SimpleWorker says that it lives for longer than a Worker
    assert job.get_status() == "failed"
    ours = int(queue.connection.get(f"{job.key}:runs"))
    assert [theirs, ours] == evaluated(quiz.killed_each_time(attempts).right)
