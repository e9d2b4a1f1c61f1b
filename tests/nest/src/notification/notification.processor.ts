import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Job } from 'bullmq';
import { Provider } from './provider';

@Processor('notification-queue')
export class NotificationProcessor extends WorkerHost {
    constructor(private provider: Provider) {
        super();
    }

    async process(job: Job<any, any, string>) {
        console.log(`Processing job ${job.name} with data:`, job.data);
        await this.provider.send(job.data.message);
        return true;
    }
}
