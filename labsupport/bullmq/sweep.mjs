// One BullMQ worker, from its start until it has nothing to do. It writes down each command that it sends to Redis, and is
// killed right before one of them. labsupport/experiments/sweep/bullmq.py starts it, and says what it is to do.
import { AsyncLocalStorage } from 'node:async_hooks'
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { Queue, Worker } from 'bullmq'
import Redis from 'ioredis'

const HANDSHAKE = new Set(['hello', 'info', 'client', 'auth', 'select']) // they differ by server and kind of connection
const { file, log, queue, add, worker, inside, point } = JSON.parse(process.argv[2])
const connection = { url: process.env.REDIS_URL, maxRetriesPerRequest: null }
const withinJob = new AsyncLocalStorage()
const senders = new WeakMap() // of commands: one that must wait for its connection comes twice
const numbers = new WeakMap() // of pipelines and transactions: all their commands are one request
let counting = false
let sent = 0
let running = 0

function say (what) {
  appendFileSync(log, JSON.stringify(what) + '\n')
}

function count (redis, command, pipeline) {
  const sender = senders.get(command) ?? (withinJob.getStore() ? 'job' : 'worker')
  senders.set(command, sender)
  // Read from ioredis 5.11 (Redis.js): before it is ready, there are handshakes, and others wait and come again.
  if (!counting || redis.status !== 'ready' || HANDSHAKE.has(command.name)) return
  if (sender === 'job' && !inside) return
  const number = numbers.get(pipeline) ?? ++sent
  if (pipeline) numbers.set(pipeline, number)
  if (number === point) process.kill(process.pid, 'SIGKILL')
  say({ point: number, sender, command: named(redis, command), key: String(command.getKeys()[0] ?? '') })
}

// BullMQ defines each of its scripts as `name:version`; a script that has no name is an EVAL.
function named (redis, { name, args }) {
  const script = Object.entries(redis.scriptsSet).find(([, { sha }]) => sha === args[0])
  return script ? script[0].split(':')[0] : name.toUpperCase()
}

const send = Redis.prototype.sendCommand
Redis.prototype.sendCommand = function (command, stream) {
  count(this, command, stream?.isPipeline ? stream : undefined)
  return send.call(this, command, stream)
}

const redis = new Redis(connection.url)
redis.once('close', () => process.exit(1)) // or this process would outlive its server
await redis.ping()

const { default: processor, delivered } = await import(pathToFileURL(file))
if (typeof processor !== 'function') throw new TypeError('its default export is no function')

async function job (...given) {
  say({ runs: 1 })
  running++
  try {
    const returned = await withinJob.run(true, processor, ...given)
    say({ returned: 1 })
    return returned
  } finally {
    running--
  }
}

if (add) {
  const jobs = new Queue(queue, { connection })
  await jobs.add('deliver', add.data, add.options)
  await jobs.close()
}
counting = true
new Worker(queue, job, { connection, ...worker }).on('error', () => {})

// It has nothing to do when it waits for a job at Redis.
while (!/ flags=\S*b.* cmd=bzpopmin/.test(await redis.client('LIST')) || running) await sleep(2)
counting = false
if (delivered) {
  const times = await delivered(redis)
  if (!Number.isInteger(times)) throw new TypeError(`delivered says ${times}, which is no number of times`)
  say({ delivered: times })
}
process.exit()
