import { Injectable } from '@nestjs/common';
import { Queue } from 'bullmq';
import { connection } from './connection';

@Injectable()
export class NotificationQueueService {
    private queue: Queue;

    constructor() {
        this.queue = new Queue('notification-queue', { connection });
    }

    async addJob(data: any) {
        await this.queue.add('send-notification', data, {
            attempts: 3, // retry 3 times if fails
        });
    }
}
