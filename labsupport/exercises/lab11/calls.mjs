// Adds the jobs for which the reader's workers are started: one, and the others when a second of a limiter's that began with it
// is nearly over. A window that is counted from there lets twice as many through.
import { answer, queue, sleep, until } from './asked.mjs'
import { Queue } from 'bullmq'

const LATE = 300 // ms before the window ends

const calls = new Queue(process.env.QUEUE_NAME, queue.opts)
const jobs = Array.from({ length: Number(process.env.JOBS) }, () => ({ name: 'call', data: {} }))
await calls.addBulk(jobs.splice(0, 1))
await until(async () => await calls.getWaitingCount() === 0, 4)
const redis = await calls.getBackend().client
const left = await redis.call('PTTL', calls.toKey('limiter'))
await sleep(left < 0 ? 0.7 : Math.max(left - LATE, 0) / 1000)
await calls.addBulk(jobs)
answer({})
