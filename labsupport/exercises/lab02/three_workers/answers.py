"""Answers to three-workers."""

from __main__ import lab, queue, sleep

# %% solution
with lab.workers(queue, count=3):
    jobs = [queue.enqueue(sleep, 0.2) for _ in range(6)]
    lab.wait(*jobs)

answer = jobs

# %% wrong: Never more than one of the jobs ran at a time
jobs = []
for _ in range(3):
    with lab.workers(queue):
        two_more = [queue.enqueue(sleep, 0.2) for _ in range(2)]
        lab.wait(*two_more)
        jobs += two_more

answer = jobs

# %% wrong: 2 workers shared the jobs
with lab.workers(queue, count=2):
    jobs = [queue.enqueue(sleep, 0.2) for _ in range(6)]
    lab.wait(*jobs)

answer = jobs

# %% wrong: this list has 3
with lab.workers(queue, count=3):
    jobs = [queue.enqueue(sleep, 0.2) for _ in range(3)]
    lab.wait(*jobs)

answer = jobs
