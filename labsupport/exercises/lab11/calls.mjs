// Adds the jobs for which the reader's workers are started.
import { answer, queue } from './asked.mjs'
import { Queue } from 'bullmq'

const calls = new Queue(process.env.QUEUE_NAME, queue.opts)
const jobs = Array.from({ length: Number(process.env.JOBS) }, () => ({ name: 'call', data: {} }))
await calls.addBulk(jobs)
answer({})
