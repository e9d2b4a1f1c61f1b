// What the scripts of the judges share: the reader's options, a queue of the judge's own, and how they answer.
import { Queue, Worker } from 'bullmq'
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const { REDIS_URL, BULLMQ_PREFIX, ANSWER_FILE, READERS_FILE } = process.env
const own = { connection: { url: REDIS_URL, maxRetriesPerRequest: null }, prefix: BULLMQ_PREFIX }
const errors = []

// Names that the reader's file does not export, or that are no objects, end the script.
export async function exported (...names) {
  const module = await import(pathToFileURL(READERS_FILE))
  const bad = names.find(name => module[name] === null || typeof module[name] !== 'object')
  if (bad) answer({ bad, kind: module[bad] === null ? 'null' : typeof module[bad], names: Object.keys(module) })
  return names.map(name => module[name])
}

export function answer (said) {
  writeFileSync(ANSWER_FILE, JSON.stringify({ errors, ...said }))
  process.exit()
}

export const queue = new Queue('of-the-check', own)
queue.on('error', () => {})

export function worker (processor, options = {}) {
  const one = new Worker(queue.name, processor, { ...options, ...own })
  one.on('error', error => errors.push(error.message.replace(/\s+/g, ' ')))
  return one
}

export const sleep = seconds => new Promise(resolve => setTimeout(resolve, seconds * 1000))

// Whether the condition becomes true. After an error of a worker's there is little to wait for.
export async function until (condition, seconds) {
  const end = Date.now() + seconds * 1000
  while (!await condition()) {
    if (errors.length && Date.now() < end - 500) return until(condition, 0.5)
    if (Date.now() > end) return false
    await sleep(0.01)
  }
  return true
}
