import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** Answers on loopback alone, at PORT, and says where: with PORT=0 the system picks a free one. */
export async function serve(module: Type) {
    const app = await NestFactory.create(module);
    await app.listen(process.env.PORT ?? 3000, '127.0.0.1');
    console.log(`Listening on ${await app.getUrl()}`);
}
