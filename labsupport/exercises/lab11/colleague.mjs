// How the service of a colleague adds its jobs.
export const jobOptions = { attempts: 5, backoff: { type: 'exponential', delay: 1000 } }
export const workerOptions = {}
