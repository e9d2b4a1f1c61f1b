import { SandboxedJob } from 'bullmq';

/** Returns the id of the process that it runs in. */
export default async function (job: SandboxedJob) {
    console.log(`Processing job ${job.name} with data:`, job.data);
    return process.pid;
}
