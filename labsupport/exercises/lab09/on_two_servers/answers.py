"""Answers to on-two-servers."""

from __main__ import Queue, send_notification


# %% solution
def accept(queue, message):
    job = queue.enqueue(send_notification, {"message": message})
    if queue.connection.wait(1, 500) < 1:
        raise RuntimeError("no replica has the job")
    return job


answer = accept


# %% right: asked some times, and taken back
def accept(queue, message):
    job = queue.enqueue(send_notification, {"message": message})
    for _ in range(5):
        if queue.connection.execute_command("WAIT", 1, 100):
            return job
    job.delete()
    raise TimeoutError("not on two servers")


answer = accept


# %% right: after the transaction
def accept(queue, message):
    with queue.connection.pipeline() as pipe:
        job = queue.enqueue(send_notification, args=[{"message": message}], pipeline=pipe)
        pipe.execute()
    assert queue.connection.wait(num_replicas=1, timeout=300) >= 1
    return job


answer = accept


# %% wrong: Which command waits until the replica has what you wrote?
def accept(queue, message):
    return queue.enqueue(send_notification, {"message": message})


answer = accept


# %% wrong: its number decides
def accept(queue, message):
    job = queue.enqueue(send_notification, {"message": message})
    queue.connection.wait(1, 500)
    return job


answer = accept


# %% wrong: on the same connection
def accept(queue, message):
    if queue.connection.wait(1, 500) < 1:
        raise RuntimeError("no replica")
    return queue.enqueue(send_notification, {"message": message})


answer = accept


# %% wrong: on the same connection
def accept(queue, message):
    with queue.connection.client() as one:
        # A connection of its own, which the pipeline of `enqueue` does not use.
        job = Queue(queue.name, connection=one, serializer=queue.serializer).enqueue(
            send_notification, {"message": message}
        )
        if not one.wait(1, 1000):
            raise TimeoutError("not on two servers")
    return job


answer = accept


# %% wrong: Inside MULTI
def accept(queue, message):
    with queue.connection.pipeline() as pipe:
        job = queue.enqueue(send_notification, {"message": message}, pipeline=pipe)
        pipe.wait(1, 500)
        replicas = pipe.execute()[-1]
    if replicas < 1:
        raise RuntimeError("no replica has the job")
    return job


answer = accept


# %% wrong: had not answered after 3 s
def accept(queue, message):
    job = queue.enqueue(send_notification, {"message": message})
    queue.connection.wait(1, 0)
    return job


answer = accept


# %% wrong: an answer that needs more is always no
def accept(queue, message):
    job = queue.enqueue(send_notification, {"message": message})
    if queue.connection.wait(2, 500) < 2:
        raise RuntimeError("the job is not on two servers")
    return job


answer = accept


# %% wrong: It should raise an error
def accept(queue, message):
    job = queue.enqueue(send_notification, {"message": message})
    if queue.connection.wait(1, 500):
        return job


answer = accept


# %% wrong: as INFO says, is not that it has this job
def accept(queue, message):
    if queue.connection.info("replication")["connected_slaves"] < 1:
        raise RuntimeError("no replica")
    return queue.enqueue(send_notification, {"message": message})


answer = accept


# %% wrong: looks at when the replica was last heard of
def accept(queue, message):
    queue.connection.config_set("min-replicas-to-write", 1)
    return queue.enqueue(send_notification, {"message": message})


answer = accept


# %% wrong: other arguments were asked for
def accept(queue, message):
    job = queue.enqueue(send_notification, {"message": message, "sent": 1})
    if queue.connection.wait(1, 500) < 1:
        raise RuntimeError("no replica has the job")
    return job


answer = accept


# %% wrong: which is not called
answer = None
