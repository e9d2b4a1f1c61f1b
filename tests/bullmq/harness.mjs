// Runs the code that a test sends, a line of JSON each, and answers with a line of JSON.
import * as everything from 'bullmq'
import { createInterface } from 'node:readline'

const address = new URL(process.env.REDIS_URL)
const password = decodeURIComponent(address.password) || undefined
const connection = { host: address.hostname, port: Number(address.port), password, maxRetriesPerRequest: null }
const own = { connection, prefix: process.env.BULLMQ_PREFIX }
const opened = []
const bullmq = Object.fromEntries(Object.entries(everything).filter(([name]) => /^\w+$/.test(name) && name !== 'default'))

function open (one) {
  one.on('error', () => {}) // as of a connection that is closed at the end
  opened.push(one)
}

class Queue extends bullmq.Queue {
  constructor (name, options) {
    super(name, { ...own, ...options })
    open(this)
  }
}

class Worker extends bullmq.Worker {
  constructor (name, processor, options) {
    super(name, processor, { ...own, ...options })
    open(this)
  }
}

class QueueEvents extends bullmq.QueueEvents {
  constructor (name, options) {
    super(name, { ...own, ...options })
    open(this)
  }
}

class FlowProducer extends bullmq.FlowProducer {
  constructor (options) {
    super({ ...own, ...options })
    open(this)
  }
}

const sleep = seconds => new Promise(resolve => setTimeout(resolve, seconds * 1000))

async function until (condition, seconds = 60) {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > end) throw new Error(`not so after ${seconds} s: ${condition}`)
    await sleep(0.01)
  }
}

async function run ({ code, values }) {
  const scope = { ...bullmq, Queue, Worker, QueueEvents, FlowProducer, connection, prefix: own.prefix, sleep, until, ...values }
  const AsyncFunction = (async () => {}).constructor
  try {
    return { returned: await new AsyncFunction(...Object.keys(scope), code)(...Object.values(scope)) }
  } catch (error) {
    return { error: `${error.name}: ${error.message}` }
  } finally {
    await Promise.all(opened.splice(0).map(one => one instanceof bullmq.Worker ? one.close(true) : one.close()))
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await run(JSON.parse(line))) + '\n')
}
process.exit() // the tests are gone
