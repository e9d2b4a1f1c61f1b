"""What the notes of 06-test say of BullMQ (6.7), held against BullMQ itself. Each test quotes its claim."""


def test_a_processor_is_called_with_an_object_that_has_data(bullmq):
    """06: "the function of a job: same: call the processor with an object that has `data`" """
    by_hand, by_worker = bullmq.run("""
        const processor = async job => `to ${job.data.name}`
        const job = await new Queue('q').add('send', { name: 'Ada' })
        const done = new Promise(resolve => new Worker('q', processor).on('completed', (_, value) => resolve(value)))
        return [await processor({ data: { name: 'Ada' } }), await done]
    """)
    assert by_hand == by_worker == "to Ada"


def test_a_queue_runs_no_job(bullmq):
    """06: "`is_async=False`: missing" (A queue does not know the processor.)"""
    state, runs, error = bullmq.run("""
        let runs = 0
        const processor = async () => { runs++ }
        const queue = new Queue('q', { isAsync: false })
        const job = await queue.add('send', {}, { isAsync: false })
        const worker = new Worker('q', processor, { autorun: false })
        return [await job.getState(), runs, await new Worker('q', null).run().catch(error => error.message)]
    """)
    assert (state, runs) == ("waiting", 0)
    assert error == "No process function is defined."


def test_one_job_at_a_time_is_taken_by_hand(bullmq):
    """06: "a burst inside the test: `worker.getNextJob(token)` takes one job at a time, by hand" (And it is finished by
    hand: `moveToCompleted` takes the next one, too, unless its third argument is false.)"""
    names, counts, empty, next_one = bullmq.run("""
        const queue = new Queue('q')
        for (const name of ['a', 'b', 'c', 'd']) await queue.add(name, {})
        const worker = new Worker('q')
        const names = []
        const counts = []
        for (let time = 0; time < 2; time++) {
            const job = await worker.getNextJob('token')
            names.push(job.name)
            counts.push(await queue.getActiveCount())
            await job.moveToCompleted('sent', 'token', false)
        }
        const [, id] = await (await worker.getNextJob('token')).moveToCompleted('sent', 'token')
        const next = await queue.getJob(id)
        counts.push(await queue.getActiveCount())
        await next.moveToCompleted('sent', 'token', false)
        const empty = await worker.getNextJob('token', { block: false })
        return [names, counts, empty === undefined, next.name]
    """)
    assert (names, counts) == (["a", "b"], [1, 1, 1])
    assert (empty, next_one) == (True, "d")


def test_a_retry_is_moved_by_hand(bullmq):
    """06: "a retry moved by hand: `await queue.promoteJobs()`" """
    states = bullmq.run("""
        const queue = new Queue('q')
        const job = await queue.add('send', {}, { attempts: 2, backoff: 3_600_000 })
        let runs = 0
        new Worker('q', async () => { if (runs++ === 0) throw new Error('down') })
        await until(() => job.isDelayed())
        await queue.promoteJobs()
        await until(() => job.isCompleted())
        return [runs, await job.getState()]
    """)
    assert states == [2, "completed"]
