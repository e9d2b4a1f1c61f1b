"""Answers to outlast."""

from __main__ import Retry, queue, send_notification

# %% solution
answer = queue.enqueue(send_notification, {"message": "Patient"}, retry=Retry(max=3, interval=[10, 20, 40]))

# %% right: computed
answer = queue.enqueue(
    send_notification, {"message": "Patient"}, retry=Retry(max=3, interval=[12 * 2**n for n in range(3)])
)

# %% right: other numbers, the data by name
answer = queue.enqueue(send_notification, data={"message": "Patient"}, retry=Retry(max=3, interval=(5, 20, 80)))

# %% right: a longer list, of which RQ takes the last three
answer = queue.enqueue(send_notification, {"message": "Patient"}, retry=Retry(max=3, interval=[4, 8, 16, 38]))

# %% wrong: RQ would wait for 1, 2 and 4 s: the last attempt comes 7 s after the first
answer = queue.enqueue(send_notification, {"message": "Patient"}, retry=Retry(max=3, interval=[1, 2, 4]))

# %% wrong: RQ would wait for 20, 20 and 40 s: the list is too short, and RQ repeats its first pause
answer = queue.enqueue(send_notification, {"message": "Patient"}, retry=Retry(max=3, interval=[20, 40]))

# %% wrong: RQ would wait for 30, 30 and 30 s. Each pause should be
answer = queue.enqueue(send_notification, {"message": "Patient"}, retry=Retry(max=3, interval=30))

# %% wrong: with the first attempt that makes 5
answer = queue.enqueue(send_notification, {"message": "Patient"}, retry=Retry(max=4, interval=[5, 10, 20, 40]))

# %% wrong: There is no pause
answer = queue.enqueue(send_notification, {"message": "Patient"}, retry=Retry(max=3))

# %% wrong: The numbers are seconds
answer = queue.enqueue(send_notification, {"message": "Patient"}, retry=Retry(max=3, interval=[10000, 20000, 40000]))

# %% wrong: RQ would wait for 20, 40 and 80 s: the last attempt comes 140 s after the first
answer = queue.enqueue(send_notification, {"message": "Patient"}, retry=Retry(max=3, interval=[10, 20, 40, 80]))

# %% wrong: with the first attempt that makes 1,
answer = queue.enqueue(send_notification, {"message": "Patient"})

# %% wrong: `attempts` is no option
answer = queue.enqueue(send_notification, {"message": "Patient"}, attempts=4, backoff={"type": "exponential"})

# %% wrong: this is Retry Retry(
answer = Retry(max=3, interval=[10, 20, 40])

# %% wrong: other arguments were asked for
answer = queue.enqueue(send_notification, {"message": "patient"}, retry=Retry(max=3, interval=[10, 20, 40]))
