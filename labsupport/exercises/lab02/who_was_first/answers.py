"""Answers to who-was-first."""

from __main__ import lab, sleep


# %% solution
def bill(queue):
    invoice = queue.enqueue(sleep, 0.7)
    queue.enqueue(sleep, 0.1, depends_on=invoice)


answer = bill

# %% right: also after a failed invoice, and a list of jobs
from rq.job import Dependency


def bill(queue):
    invoice = queue.enqueue("time.sleep", 0.7)
    mail = queue.enqueue("time.sleep", 0.1, depends_on=Dependency(jobs=[invoice], allow_failure=True))
    return [invoice, mail]


answer = bill

# %% right: by its id, and with a lambda
ways = {"bill": lambda queue: queue.enqueue(sleep, 0.1, depends_on=queue.enqueue(sleep, 0.7).id)}

answer = ways["bill"]


# %% right: async def, positions by name
async def bill(queue):
    first = queue.enqueue_call("time.sleep", args=(0.7,))
    queue.enqueue_call("time.sleep", args=(0.1,), depends_on=[first])


answer = bill


# %% right: whose results nobody needs
def bill(queue):
    invoice = queue.enqueue(sleep, 0.7, result_ttl=0)
    queue.enqueue(sleep, 0.1, depends_on=invoice, result_ttl=0)


answer = bill


# %% wrong: before the invoice was done. A queue says in which order jobs start
def bill(queue):
    invoice = queue.enqueue(sleep, 0.7)
    mail = queue.enqueue(sleep, 0.1)
    return invoice, mail


answer = bill


# %% wrong: A queue says in which order jobs start
def bill(queue):
    mail = queue.enqueue(sleep, 0.1)
    queue.enqueue(sleep, 0.7, at_front=True)
    return mail


answer = bill


# %% wrong: since bill itself waited for the invoice
def bill(queue):
    invoice = queue.enqueue(sleep, 0.7)
    lab.wait(invoice)
    queue.enqueue(sleep, 0.1)


answer = bill


# %% wrong: Which of the two has to wait
def bill(queue):
    mail = queue.enqueue(sleep, 0.1)
    queue.enqueue(sleep, 0.7, depends_on=mail)


answer = bill


# %% wrong: it is scheduled. Its moment is a guess
from datetime import timedelta


def bill(queue):
    queue.enqueue(sleep, 0.7)
    queue.enqueue_in(timedelta(seconds=1), sleep, 0.1)


answer = bill


# %% wrong: there is time.sleep(0.7)
def bill(queue):
    return queue.enqueue(sleep, 0.7)


answer = bill


# %% wrong: there is time.sleep(0.7), time.sleep(0.1), time.sleep(0.1)
def bill(queue):
    invoice = queue.enqueue(sleep, 0.7)
    queue.enqueue(sleep, 0.1)
    queue.enqueue(sleep, 0.1, depends_on=invoice)


answer = bill

# %% wrong: the function bill itself
answer = ["quick-1", "quick-2", "quick-3", "slow"]


# %% wrong: missing 1 required positional argument: 'mail'
def bill(queue, mail):
    queue.enqueue(sleep, 0.7)


answer = bill
