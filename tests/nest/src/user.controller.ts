import { Controller, Get } from '@nestjs/common';
import { NotificationQueueService } from './notification/notification-queue.service';
import { UsersService } from './users.service';

@Controller('users')
export class UserController {
    constructor(
        private notificationQueue: NotificationQueueService,
        private usersService: UsersService,
    ) {}

    @Get()
    async findAll() {
        await this.notificationQueue.addJob({ message: 'Hello, NestJS + BullMQ!' });
        return this.usersService.findAll();
    }
}
