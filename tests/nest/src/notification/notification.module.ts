import { Module } from '@nestjs/common';
import { BullModule } from '@nestjs/bullmq';
import { connection } from './connection';
import { NotificationQueueService } from './notification-queue.service';
import { NotificationProcessor } from './notification.processor';
import { Provider } from './provider';

@Module({
    imports: [
        BullModule.forRoot({ connection }),
        BullModule.registerQueue({
            name: 'notification-queue',
        }),
    ],
    providers: [NotificationQueueService, NotificationProcessor, Provider],
    exports: [NotificationQueueService],
})
export class NotificationModule {}
