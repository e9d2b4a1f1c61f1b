import { Injectable } from '@nestjs/common';
import { Redis } from 'ioredis';
import { connection } from './connection';

const keys = `${process.env.NOTIFICATIONS_PREFIX ?? 'notifications'}:provider`;

/**
 * Stands where the original has "Example: send email or push notification". It reads the switches of the other service's
 * provider (labsupport/notifications/provider.py), so that a test turns both in one way.
 */
@Injectable()
export class Provider {
    private redis = new Redis(connection);

    async send(message: string) {
        const behaviour = JSON.parse((await this.redis.get(`${keys}:behaviour`)) ?? '{}');
        await this.redis.incr(`${keys}:calls`);
        if (behaviour.down) throw new Error('provider unreachable');
        await this.redis.rpush(`${keys}:delivered`, message);
    }
}
