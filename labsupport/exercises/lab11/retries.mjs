// Two jobs fail, one after the other, with the options of a file: how often each is attempted, and with which pauses.
import { answer, exported, queue, until, worker } from './asked.mjs'
import { UnrecoverableError } from 'bullmq'

const MOST = Number(process.env.MOST_ATTEMPTS)
const [jobOptions, workerOptions] = await exported('jobOptions', 'workerOptions')
const jobs = []

async function failed (job) {
  const one = jobs.at(-1)
  if (job.finishedOn) {
    one.ended = true
    return
  }
  const now = await queue.getJob(job.id)
  const delayed = await now.isDelayed()
  one.pauses.push(delayed ? now.delay : job.delay)
  if (delayed) await now.promote().catch(() => {}) // it may be due meanwhile
}

try {
  worker(async () => {
    const one = jobs.at(-1)
    one.attempts++
    throw one.attempts === MOST ? new UnrecoverableError('enough') : new Error('down')
  }, workerOptions).on('failed', failed)
  for (const name of ['first', 'second']) {
    const one = { attempts: 0, pauses: [], ended: false, delay: 0 }
    jobs.push(one)
    const job = await queue.add(name, {}, jobOptions)
    if (job.opts.delay > 0) {
      one.delay = job.opts.delay
      await job.promote()
    }
    if (!await until(() => one.ended, 4)) break
  }
} catch (error) {
  answer({ refused: `${error.name}: ${error.message}` })
}
answer({ jobs })
