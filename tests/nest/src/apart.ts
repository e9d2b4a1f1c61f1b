import { join } from 'node:path';
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { connection } from './notification/connection';
import { NotificationQueueService } from './notification/notification-queue.service';
import { serve } from './serve';
import { UserController } from './user.controller';
import { UsersService } from './users.service';

/** The application whose processor is a file: BullMQ runs that in a process of its own. */
@Module({
    imports: [
        BullModule.forRoot({ connection }),
        BullModule.registerQueue({
            name: 'notification-queue',
            processors: [join(__dirname, 'notification', 'apart.processor.js')],
        }),
    ],
    controllers: [UserController],
    providers: [UsersService, NotificationQueueService],
})
class ApartModule {}

void serve(ApartModule);
