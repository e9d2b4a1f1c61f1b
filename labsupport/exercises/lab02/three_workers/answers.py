"""Answers to three-workers."""

from __main__ import lab, queue, sleep

# %% solution
with lab.workers(queue, count=3):
    jobs = [queue.enqueue(sleep, 0.3) for _ in range(6)]
    lab.wait(*jobs)

answer = jobs

# %% right: three calls, burst workers, a tuple
jobs = [queue.enqueue(sleep, 1.5) for _ in range(6)]
started = [lab.workers(queue, burst=True) for _ in range(3)]
for one in started:
    one.wait()

answer = tuple(jobs)

# %% right: RQ's own pool
import subprocess
import sys

jobs = [queue.enqueue(sleep, 1.5) for _ in range(6)]
command = [sys.executable, "-m", "rq.cli", "worker-pool", "notification-queue", "-n", "3", "-S", "json", "--burst"]
subprocess.run(command, capture_output=True, check=True)

answer = jobs

# %% right: stopped by hand
group = lab.workers(queue, count=3)
jobs = [queue.enqueue("time.sleep", pause) for pause in [0.3] * 6]
lab.wait(*jobs)
group.stop()

answer = jobs

# %% wrong: Never more than one of the jobs ran at a time
jobs = []
for _ in range(3):
    with lab.workers(queue):
        two_more = [queue.enqueue(sleep, 0.1) for _ in range(2)]
        lab.wait(*two_more)
        jobs += two_more

answer = jobs

# %% wrong: never more than two at the same time
with lab.workers(queue, count=2):
    jobs = [queue.enqueue(sleep, 0.3) for _ in range(4)]
    lab.wait(*jobs)
first = lab.workers(queue)
with lab.workers(queue, count=2) as late:
    first.stop()
    jobs += [queue.enqueue(sleep, 0.3) for _ in range(2)]
    lab.wait(*jobs)

answer = jobs

# %% wrong: 2 workers shared the jobs
with lab.workers(queue, count=2):
    jobs = [queue.enqueue(sleep, 0.3) for _ in range(6)]
    lab.wait(*jobs)

answer = jobs

# %% wrong: 1 workers shared
with lab.workers(queue):
    jobs = [queue.enqueue(sleep, 0.1, count=3) for _ in range(6)]
    lab.wait(*jobs)

answer = jobs

# %% wrong: some are left on `notification-queue`: worker-1, worker-2, worker-3
group = lab.workers(queue, count=3)
jobs = [queue.enqueue(sleep, 0.3) for _ in range(6)]
lab.wait(*jobs)

answer = jobs

# %% wrong: this list has 3
group.stop()
with lab.workers(queue, count=3):
    jobs = [queue.enqueue(sleep, 0.2) for _ in range(3)]
    lab.wait(*jobs)

answer = jobs

# %% wrong: 0 of the six jobs have ended
with lab.workers(queue, count=3):
    pass
jobs = [queue.enqueue(sleep, 0.2) for _ in range(6)]

answer = jobs

# %% wrong: the list of the six jobs; this is WorkerGroup
queue.empty()
with lab.workers(queue, count=3) as group:
    jobs = [queue.enqueue(sleep, 0.2) for _ in range(6)]
    lab.wait(*jobs)

answer = group
