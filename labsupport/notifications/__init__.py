"""A notification service: it answers at once, and a worker sends the notification later.

Ordinary application code, which knows nothing of the labs. Copy the folder, under any name: it needs fastapi, uvicorn,
redis and rq, and REDIS_URL. With the name `notifications`:

    uvicorn notifications.api:api
    rq worker --config notifications.rq_settings --serializer json --with-scheduler
    python -m notifications.exporter        (for Prometheus; it needs prometheus-client, too)

| NestJS and BullMQ                           | here                                             |
|---------------------------------------------|--------------------------------------------------|
| `NotificationModule`                        | this package                                     |
| `BullModule.forRoot({connection})`          | `settings.connect()`                             |
| `BullModule.registerQueue({name})`          | `queue.notification_queue()`                     |
| `NotificationQueueService.addJob()`         | `queue.NotificationQueueService.add_job()`       |
| `NotificationProcessor.process()`           | `processor.send_notification()`                  |
| the worker that `BullModule` starts         | `rq worker`, with `service_worker.ServiceWorker` |
| `AppService.sendNotification()`             | `app.AppService.send_notification()`             |
| `UsersService.findAll()`                    | `database.Database.users()`                      |
| `UserController`, `@Get()`                  | `api.list_users()`, `@api.get("/users")`         |
| constructor injection                       | `Annotated[…, Depends(…)]` in `api`              |
| DTO with `class-validator`                  | a pydantic model in `api`                        |
| exception filter                            | `@api.exception_handler(…)`                      |
| middleware                                  | `api.add_middleware(guard.…)`                    |
"""
