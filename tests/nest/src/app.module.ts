import { Module } from '@nestjs/common';
import { NotificationModule } from './notification/notification.module';
import { UserController } from './user.controller';
import { UsersService } from './users.service';

@Module({
    imports: [NotificationModule],
    controllers: [UserController],
    providers: [UsersService],
})
export class AppModule {}
