"""Answers to any-function."""

from __main__ import JSONSerializer, Queue, lab, queue

# %% solution
from statistics import mean

answer = queue.enqueue(mean, [2, 4, 9])

# %% right: the path of the function
answer = queue.enqueue("statistics.mean", [2, 4, 9])

# %% right: the argument by its name
from statistics import mean

answer = queue.enqueue(mean, data=[2, 4, 9])

# %% right: args= is a tuple
from statistics import mean

answer = queue.enqueue(mean, args=((2, 4, 9),))

# %% wrong: 5 is the result
from statistics import mean

answer = mean([2, 4, 9])

# %% wrong: with three arguments
from statistics import mean

answer = queue.enqueue(mean, 2, 4, 9)

# %% wrong: RQ looks for a built-in function
answer = queue.enqueue("mean", [2, 4, 9])

# %% wrong: it calls builtins.sum
answer = queue.enqueue(sum, [2, 4, 9])

# %% wrong: should call statistics.mean; it calls builtins.eval
answer = queue.enqueue(eval, "mean([2, 4, 9])")

# %% wrong: would call mean('[2, 4, 9]'); other arguments
answer = queue.enqueue("statistics.mean", "[2, 4, 9]")

# %% wrong: would call mean(numbers=[2, 4, 9]), and it would fail
from statistics import mean

answer = queue.enqueue(mean, numbers=[2, 4, 9])

# %% wrong: it should be on `notification-queue`
from statistics import mean

answer = Queue("numbers", connection=lab.redis, serializer=JSONSerializer).enqueue(mean, [2, 4, 9])

# %% wrong: The job is not written in JSON
from statistics import mean

answer = Queue("notification-queue", connection=lab.redis).enqueue(mean, [2, 4, 9])

# %% wrong: ran here, in the notebook (is_async=False)
from statistics import mean

here = Queue("notification-queue", is_async=False, connection=lab.redis, serializer=JSONSerializer)
answer = here.enqueue(mean, [2, 4, 9])

# %% wrong: its id is not in the queue
from statistics import mean

answer = queue.create_job(mean, ([2, 4, 9],))
answer.save()

# %% wrong: it was not enqueued, or it was deleted
from statistics import mean

answer = queue.create_job(mean, ([2, 4, 9],))

# %% wrong: The answer should be the job that queue.enqueue returns; this is function
from statistics import mean

answer = mean

# %% wrong: The answer should be the job that queue.enqueue returns; this is list
from statistics import mean

answer = queue.enqueue_many([Queue.prepare_data(mean, ([2, 4, 9],))])

# %% wrong: this is str
from statistics import mean

answer = queue.enqueue(mean, [2, 4, 9]).id
