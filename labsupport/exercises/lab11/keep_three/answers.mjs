// %% solution
// %%writefile lab11_kept.mjs
export const jobOptions = { removeOnComplete: true, removeOnFail: 3 }

// %% right: counts
// %%writefile lab11_kept.mjs
export const jobOptions = { removeOnComplete: { count: 0 }, removeOnFail: { count: 3 } }

// %% right: a zero; tried twice
// %%writefile lab11_kept.mjs
export const jobOptions = { removeOnComplete: 0, removeOnFail: 3, attempts: 2, backoff: 1000 }

// %% right: an age of ten years
// %%writefile lab11_kept.mjs
export const jobOptions = { removeOnComplete: { age: 0 }, removeOnFail: { count: 3, age: 10 * 365 * 24 * 3600 } }

// %% wrong: 4 jobs finished, and Redis holds 4 of them
// %%writefile lab11_kept.mjs
export const jobOptions = {}

// %% wrong: 5 jobs failed, and Redis holds none of them. The latest 3 should stay. Only a number
// %%writefile lab11_kept.mjs
export const jobOptions = { removeOnComplete: true, removeOnFail: true }

// %% wrong: 5 jobs failed, and Redis holds all of them. The latest 3 should stay
// %%writefile lab11_kept.mjs
export const jobOptions = { removeOnComplete: true }

// %% wrong: 5 jobs failed, and Redis holds all of them. The latest 3 should stay. That is removeOnFail: a number
// %%writefile lab11_kept.mjs
export const jobOptions = { removeOnComplete: true, removeOnFail: { age: 3 } }

// %% wrong: When one more failed a month later, Redis held 1 of them
// %%writefile lab11_kept.mjs
export const jobOptions = { removeOnComplete: true, removeOnFail: { age: 3600, count: 3 } }

// %% wrong: 4 jobs finished, and Redis holds 3 of them
// %%writefile lab11_kept.mjs
export const jobOptions = { removeOnComplete: 3, removeOnFail: 3 }

// %% wrong: 4 jobs finished, and Redis holds 4 of them
// %%writefile lab11_kept.mjs
export const jobOptions = { removeOnComplete: false, removeOnFail: 3 }

// %% wrong: 5 jobs failed, and Redis holds none of them
// %%writefile lab11_kept.mjs
export const jobOptions = { removeOnComplete: true, removeOnFail: '3' }

// %% wrong: 4 jobs finished, and Redis holds 4 of them
// %%writefile lab11_kept.mjs
export const jobOptions = { attempts: 3 }

// %% wrong: should export `jobOptions`; it exports options
// %%writefile lab11_kept.mjs
export const options = { removeOnComplete: true, removeOnFail: 3 }

// %% wrong: complained when a job ended
// %%writefile lab11_kept.mjs
export const jobOptions = { removeOnComplete: true, removeOnFail: { count: '3' } }

// %% wrong: 5 jobs failed, and Redis holds 4 of them, the latest
// %%writefile lab11_kept.mjs
export const jobOptions = { removeOnComplete: true, removeOnFail: 4 }
