"""Answers to five-faults."""

from __main__ import JSONSerializer, Provider, Queue, Redis, Retry, lab, provider


# %% solution
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% right: a list, default_timeout, pauses between the attempts
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    orders = Queue("orders", connection=Redis.from_url(url), serializer=JSONSerializer, default_timeout=10)
    return orders.enqueue("orders.deliver", data=data, retry=Retry(max=2, interval=[1, 4]))


answer = [deliver, enqueue]


# %% right: the job's id as the key, async
from rq import get_current_job


async def deliver(data):
    provider.send(data["message"], key=get_current_job().id)
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% right: errors are logged, and raised
def deliver(data):
    try:
        provider.send(data["message"], key=str(data["order"]))
    except Exception as error:
        print("could not send:", error)
        raise
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% right: by enqueue_call, whose timeout is RQ's own
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    orders = Queue("orders", connection=Redis.from_url(url), serializer="rq.serializers.JSONSerializer")
    return orders.enqueue_call("orders.deliver", (data,), timeout="10s", retry=Retry(max=2), description="confirmation")


answer = (deliver, enqueue)


# %% right: a provider on the job's own connection, given back with Retry
from rq import get_current_job


def deliver(data):
    try:
        Provider(get_current_job().connection).send(data["message"], key=f"order {data['order']}")
    except Exception:
        return Retry(max=2)


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% right: a Series of the two
import pandas as pd


def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = pd.Series([deliver, enqueue])


# %% wrong: All five faults are there
def deliver(data):
    try:
        provider.send(data["message"])
    except Exception as error:
        print("could not send:", error)
    return True


def enqueue(url, data):
    redis = Redis.from_url(url, decode_responses=True)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, timeout=10, retry=Retry(max=3))


answer = (deliver, enqueue)


# %% wrong: would be finished, and not be tried again. (Faults left: 1.)
def deliver(data):
    try:
        provider.send(data["message"], key=f"order-{data['order']}")
        return True
    except Exception:
        return False


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: The provider failed, and deliver returned
from labsupport.notifications.provider import ProviderDown, ProviderError


def deliver(data):
    try:
        provider.send(data["message"], key=f"order-{data['order']}")
    except ProviderDown:
        raise
    except ProviderError as error:
        print("could not send:", error)


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: The job's time was up, and deliver returned
from labsupport.notifications.provider import ProviderError


def deliver(data):
    try:
        provider.send(data["message"], key=f"order-{data['order']}")
    except ProviderError:
        raise
    except Exception as error:
        print("could not send:", error)


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: 3 messages went out, and not two. (Faults left: 4.)
def deliver(data):
    provider.send(data["message"])
    return True


def enqueue(url, data):
    redis = Redis.from_url(url, decode_responses=True)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, timeout=10, retry=Retry(max=3))


answer = (deliver, enqueue)


# %% wrong: 3 messages went out, and not two. (Faults left: 1.)
done = set()


def deliver(data):
    if data["order"] not in done:
        provider.send(data["message"])
        done.add(data["order"])
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: 3 messages went out, and not two. (Faults left: 1.)
from uuid import uuid4


def deliver(data):
    provider.send(data["message"], key=str(uuid4()))
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: the order counts as sent before it is. (Faults left: 1.)
from rq import get_current_job


def deliver(data):
    job = get_current_job()
    if not job.meta.get("sent"):
        job.meta["sent"] = True
        job.save_meta()
        provider.send(data["message"])
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: the key must differ between orders
def deliver(data):
    provider.send(data["message"], key=data["message"])
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: the key must differ between orders
def deliver(data):
    provider.send(data["message"], key="order")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: RQ's is another word. (Faults left: 1.)
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: The job may run for 180 s; it should be 10. (Faults left: 1.)
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, result_ttl=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: 4 in all; it should be three attempts
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=3))


answer = (deliver, enqueue)


# %% wrong: 1 in all; it should be three attempts
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10)


answer = (deliver, enqueue)


# %% wrong: gets UnicodeDecodeError: it turns what Redis answers into text
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url, decode_responses=True)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: The job is not written in JSON
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: missing a required argument: 'data'
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: deliver should get the order
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data["message"], job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: The job should call orders.deliver; it calls deliver
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: Functions from the __main__ module
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue(deliver, data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: The job is on the queue `order`
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("order", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: it enqueues somewhere else
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = provider._redis
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: enqueue made 3 jobs for one order
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    orders = Queue("orders", connection=Redis.from_url(url), serializer=JSONSerializer)
    jobs = [orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2)) for attempt in range(3)]
    return jobs[0]


answer = (deliver, enqueue)


# %% wrong: enqueue should return the job; it returned None
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: ran here, in the notebook
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer, is_async=False)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: the next one did not call the provider: the order counts as sent before it is
def deliver(data):
    if lab.redis.set(f"sent:{data['order']}", 1, nx=True):
        provider.send(data["message"])
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: enqueue raised ConnectionError
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis(port=1)  # as a bare Redis(), where no server is at 6379
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: deliver should send 'Thank you
def deliver(data):
    provider.send(str(data["order"]), key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: The provider was up, and deliver raised KeyError: 'text'
def deliver(data):
    provider.send(data["text"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: still running after 5 s
import time


def deliver(data):
    while True:
        try:
            time.sleep(0.1)
            return provider.send(data["message"], key=f"order-{data['order']}")
        except:
            pass


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)
