// Makes a BullMQ queue as the plan on stdin says, by BullMQ's own classes; see queues.py.
import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { text } from 'node:stream/consumers'

setTimeout(() => process.exit(1), 30_000).unref() // nobody waits any more

const { queue: name, first, steps } = JSON.parse(await text(process.stdin))
const connection = new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: null })
const own = { connection, prefix: process.env.BULLMQ_PREFIX }
const queue = new Queue(name, own)
const worker = new Worker(name, null, { ...own, autorun: false })
await connection.set(queue.toKey('id'), first) // the next id is one more

const TOKEN = 'lock'
const does = {
  add: (data, options) => queue.add('send-notification', data, options),
  async fail (times, reason) {
    for (let i = 0; i < times; i++) await (await worker.getNextJob(TOKEN, { block: false })).moveToFailed(new Error(reason), TOKEN, false)
  },
  async complete (times) {
    for (let i = 0; i < times; i++) await (await worker.getNextJob(TOKEN, { block: false })).moveToCompleted(true, TOKEN, false)
  }
}
for (const [what, ...values] of steps) await does[what](...values)
process.exit()
