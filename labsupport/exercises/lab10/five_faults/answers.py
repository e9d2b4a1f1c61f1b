"""Answers to five-faults."""

from __main__ import JSONSerializer, Queue, Redis, Retry, provider


# %% solution
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


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


# %% wrong: 3 messages went out, and not two. (Faults left: 4.)
def deliver(data):
    provider.send(data["message"])
    return True


def enqueue(url, data):
    redis = Redis.from_url(url, decode_responses=True)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, timeout=10, retry=Retry(max=3))


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


# %% wrong: RQ's is another word. (Faults left: 1.)
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)


# %% wrong: so 4 attempts; it should be three
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=3))


answer = (deliver, enqueue)


# %% wrong: a worker could not read its jobs
def deliver(data):
    provider.send(data["message"], key=f"order-{data['order']}")
    return True


def enqueue(url, data):
    redis = Redis.from_url(url, decode_responses=True)
    orders = Queue("orders", connection=redis, serializer=JSONSerializer)
    return orders.enqueue("orders.deliver", data, job_timeout=10, retry=Retry(max=2))


answer = (deliver, enqueue)
