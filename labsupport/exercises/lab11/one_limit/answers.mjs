// %% solution
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX
const limiter = { max: 1, duration: 200 }

new Worker('calls', async job => {}, { connection, prefix, limiter })
console.log('listening')

// %% wrong: 9 jobs started within a second, and 5 are allowed. BullMQ's limiter did count, in windows of its own
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX

new Worker('calls', async job => {}, { connection, prefix, limiter: { max: 5, duration: 1000 } })
console.log('listening')

// %% wrong: jobs started within a second, and 5 are allowed. BullMQ's `limiter`, an option of the worker's
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX

new Worker('calls', async job => {}, { connection, prefix, concurrency: 5 })
console.log('listening')

// %% wrong: `concurrency` is how many jobs run at once
// %%writefile lab11_limited.mjs
import { Queue, Worker } from 'bullmq'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX

new Queue('calls', { connection, prefix, limiter: { max: 5, duration: 1000 } })
new Worker('calls', async job => {}, { connection, prefix })
console.log('listening')

// %% wrong: `concurrency` is how many jobs run at once
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX

new Worker('calls', async job => {}, { connection, prefix, settings: { limiter: { max: 5, duration: 1000 } } })
console.log('listening')

// %% right: two each half second, several at once
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'
import { setTimeout as sleep } from 'node:timers/promises'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX

new Worker('calls', () => sleep(300), { connection, prefix, concurrency: 5, limiter: { max: 2, duration: 500 } })

// %% right: a limit of the queue's, kept in Redis
// %%writefile lab11_limited.mjs
import { Queue, Worker } from 'bullmq'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX

await new Queue('calls', { connection, prefix }).setGlobalRateLimit(1, 200)
new Worker('calls', async job => {}, { connection, prefix })
console.log('listening')

// %% right: two workers in each process
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'

const options = {
  connection: { url: process.env.REDIS_URL },
  prefix: process.env.BULLMQ_PREFIX,
  limiter: { max: 1, duration: 200 }
}

for (const name of ['left', 'right']) {
  new Worker('calls', async job => {}, { ...options, name, concurrency: 2 }).on('completed', job => console.log(name, job.id))
}

// %% wrong: jobs started within a second, and 5 are allowed.
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX

new Worker('calls', async job => {}, { connection, prefix, limiter: { max: 5, duration: 1 } })
console.log('listening')

// %% wrong: jobs started within a second, and 5 are allowed. BullMQ's limiter did count
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX

new Worker('calls', async job => {}, { connection, prefix, limiter: { max: 2, duration: 400 } })
console.log('listening')

// %% wrong: jobs started within a second, and 5 are allowed
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'
import { setTimeout as sleep } from 'node:timers/promises'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX

new Worker('calls', async job => sleep(200), { connection, prefix })
console.log('listening')

// %% wrong: then one was killed
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'
import { setTimeout as sleep } from 'node:timers/promises'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX

new Worker('calls', async job => sleep(500), { connection, prefix })
console.log('listening')

// %% wrong: The limit holds, but only
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX

new Worker('calls', async job => {}, { connection, prefix, limiter: { max: 2, duration: 1000 } })
console.log('listening')

// %% wrong: ended: Error: Worker requires a connection
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'

new Worker('calls', async job => {}, { limiter: { max: 5, duration: 1000 } })
console.log('listening')

// %% wrong: What a process counts by itself
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'
import { setTimeout as sleep } from 'node:timers/promises'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX
let calls = 0
setInterval(() => { calls = 0 }, 1000)

new Worker('calls', async job => {
  while (calls >= 5) await sleep(20)
  calls++
}, { connection, prefix })
console.log('listening')

// %% wrong: jobs failed: wait a second. They should wait for their turn
// %%writefile lab11_limited.mjs
import { Worker } from 'bullmq'

const connection = { url: process.env.REDIS_URL }
const prefix = process.env.BULLMQ_PREFIX
let calls = 0

new Worker('calls', async job => {
  if (++calls > 5) throw new Error('wait a second')
}, { connection, prefix, limiter: { max: 1, duration: 200 } })
console.log('listening')
