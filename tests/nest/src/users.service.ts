import { Injectable } from '@nestjs/common';

/** The original does not show its users. These are the other service's. */
@Injectable()
export class UsersService {
    findAll() {
        return [
            { id: 1, name: 'Ada', email: 'ada@example.org' },
            { id: 2, name: 'Grace', email: 'grace@example.org' },
            { id: 3, name: 'Alan', email: 'alan@example.org' },
        ];
    }
}
