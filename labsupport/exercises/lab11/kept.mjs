// Jobs finish and fail with the options of a file, and one of each kind a month later.
import { answer, exported, queue, sleep, until, worker } from './asked.mjs'

const MONTH = 30 * 24 * 3600 * 1000
const [jobOptions] = await exported('jobOptions')
const jobs = { good: [], bad: [] }
let ended = 0

worker(async job => {
  await sleep(0.005) // so that no two end in the same millisecond
  if (job.name === 'bad') throw new Error('no such address')
}).on('completed', () => ended++).on('failed', job => { if (job.finishedOn) ended++ })

async function run (...names) {
  const before = ended
  for (const name of names) jobs[name].push((await queue.add(name, { number: jobs[name].length + 1 }, jobOptions)).id)
  await until(async () => {
    for (const job of await queue.getDelayed()) await job?.promote().catch(() => {})
    if (ended >= before + names.length) return true
    if (await queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized')) return false
    await sleep(0.3) // the worker may be about to say so; or there are less jobs, since two of one id are one
    return true
  }, 4)
}

async function held () {
  const client = await queue.getBackend().client
  return Object.fromEntries(await Promise.all(['completed', 'failed'].map(
    async state => [state, await client.call('ZRANGE', queue.toKey(state), 0, -1)])))
}

try {
  await run('good', 'bad', 'bad', 'good', 'bad', 'bad', 'bad', 'good')
  const first = await held()
  for (const state of ['completed', 'failed']) {
    const client = await queue.getBackend().client
    for (const id of first[state]) await client.call('ZINCRBY', queue.toKey(state), -MONTH, id)
  }
  await run('bad', 'good')
  answer({ jobs, ended, first })
} catch (error) {
  answer({ refused: `${error.name}: ${error.message}` })
}
