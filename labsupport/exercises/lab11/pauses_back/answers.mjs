// %% solution
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 4, backoff: { type: 'custom' } }
export const workerOptions = {
  settings: { backoffStrategy: attemptsMade => (attemptsMade < 3 ? 10_000 : 60_000) }
}

// %% right: a list, a name of its own, the job asked
// %%writefile lab11_policy.mjs
const PAUSES = [10, 10, 60]
export const jobOptions = { attempts: PAUSES.length + 1, backoff: { type: 'as-in-rq' } }
export const workerOptions = {
  concurrency: 3,
  settings: { backoffStrategy: (made, type, error, job) => PAUSES[job.attemptsMade] * 1000 }
}

// %% right: async, exported at the end
// %%writefile lab11_policy.mjs
async function backoffStrategy (attemptsMade) {
  if (attemptsMade >= 3) return 60 * 1000
  return 10 * 1000
}
const jobOptions = { attempts: 4, backoff: { type: 'custom', delay: 1 }, removeOnFail: true }
const workerOptions = { settings: { backoffStrategy } }
export { jobOptions, workerOptions }

// %% right: -1 ends it, whatever attempts says
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 99, backoff: { type: 'custom' } }
export const workerOptions = {
  settings: { backoffStrategy: attemptsMade => [10000, 10000, 60000, -1][attemptsMade - 1] }
}

// %% wrong: BullMQ made 3 attempts, with pauses of 0, 0 s. RQ's `max` counts the retries
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 3 }
export const workerOptions = {}

// %% wrong: BullMQ made 3 attempts, with pauses of 10, 10 s. RQ's `max` counts the retries
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 3, backoff: { type: 'custom' } }
export const workerOptions = {
  settings: { backoffStrategy: attemptsMade => (attemptsMade < 3 ? 10000 : 60000) }
}

// %% wrong: BullMQ made 4 attempts, with pauses of 0.01, 0.01, 0.06 s. BullMQ's pauses are in milliseconds
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 4, backoff: { type: 'custom' } }
export const workerOptions = { settings: { backoffStrategy: attemptsMade => (attemptsMade < 3 ? 10 : 60) } }

// %% wrong: BullMQ made 4 attempts, with pauses of 10, 20, 40 s. The 'exponential' backoff doubles
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 4, backoff: { type: 'exponential', delay: 10000 } }
export const workerOptions = {}

// %% wrong: pauses of 10, 60, 60 s. If the list is too short, RQ repeats its first pause
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 4, backoff: { type: 'custom' } }
export const workerOptions = { settings: { backoffStrategy: attemptsMade => (attemptsMade === 1 ? 10000 : 60000) } }

// %% wrong: complained: Unknown backoff strategy custom. The worker finds a strategy of your own
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 4, backoff: { type: 'custom' } }
export const workerOptions = {}

// %% wrong: Unknown backoff strategy custom. The worker finds a strategy of your own in its options, as settings
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 4, backoff: { type: 'custom' } }
export const workerOptions = { backoffStrategy: attemptsMade => (attemptsMade < 3 ? 10000 : 60000) }

// %% wrong: Unknown backoff strategy undefined
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 4, backoff: [10000, 10000, 60000] }
export const workerOptions = {}

// %% wrong: with pauses of 10, 60, 0 s. A strategy that returns nothing
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 4, backoff: { type: 'custom' } }
export const workerOptions = { settings: { backoffStrategy: attemptsMade => [10000, 10000, 60000][attemptsMade] } }

// %% wrong: with pauses of 0, 0, 0 s. Without a pause
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 4 }
export const workerOptions = { settings: { backoffStrategy: attemptsMade => (attemptsMade < 3 ? 10000 : 60000) } }

// %% wrong: A second one had
// %%writefile lab11_policy.mjs
const pauses = [10000, 10000, 60000]
export const jobOptions = { attempts: 4, backoff: { type: 'custom' } }
export const workerOptions = { settings: { backoffStrategy: () => pauses.shift() } }

// %% wrong: BullMQ made the job wait 10 s before its first attempt
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 4, delay: 10000, backoff: { type: 'exponential', delay: 10000 } }
export const workerOptions = {}

// %% wrong: is a module: it has `import` and `export`
// %%writefile lab11_policy.mjs
module.exports = { jobOptions: { attempts: 4 }, workerOptions: {} }

// %% wrong: SyntaxError: Unexpected token ';' (lab11_policy.mjs:1)
// %%writefile lab11_policy.mjs
export const jobOptions = { attempts: 4;
export const workerOptions = {}
