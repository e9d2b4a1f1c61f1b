"""A notification service: it answers at once, and a worker sends the notification later.

Ordinary application code. Take the folder home; it knows nothing of the labs.

| NestJS and BullMQ                     | here                                          |
|---------------------------------------|-----------------------------------------------|
| `BullModule.forRoot({connection})`    | `settings.connect()`                          |
| `BullModule.registerQueue({name})`    | `queue.notification_queue()`                  |
| `NotificationQueueService.addJob()`   | `queue.NotificationQueueService.add_job()`    |
| `NotificationProcessor.process()`     | `processor.send_notification()`               |
| `AppService.sendNotification()`       | `app.AppService.send_notification()`          |
"""
