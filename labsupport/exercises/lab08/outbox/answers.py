"""Answers to outbox."""

# %% solution
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()


# %% right: with database, and the relay at once
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    with database:
        number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
        database.execute("INSERT INTO outbox VALUES (?)", [number])
    relay(redis, database)


def relay(redis, database):
    queue = Queue("mails", connection=redis)
    rows = database.execute("SELECT number FROM outbox").fetchall()
    for row in rows:
        with suppress(DuplicateJobError), database:
            try:
                queue.enqueue("mails.send", row[0], job_id=f"order-{row[0]}", unique=True)
            finally:
                database.execute("DELETE FROM outbox WHERE number = ?", row)


# %% right: all in one transaction at the end
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    numbers = database.execute("SELECT number FROM outbox").fetchall()
    queue = Queue("mails", connection=redis)
    for (number,) in numbers:
        try:
            queue.enqueue("mails.send", order=number, job_id=f"order-{number}", unique=True)
        except DuplicateJobError:
            pass
    database.executemany("DELETE FROM outbox WHERE number = ?", numbers)
    database.commit()


# %% wrong: An order has no job, and relay does not help it
# %%writefile lab08_orders.py
from rq import Queue


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.commit()
    Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}")


def relay(redis, database):
    pass


# %% wrong: 0 orders, 1 job
# %%writefile lab08_orders.py
from rq import Queue


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
    database.commit()


def relay(redis, database):
    pass


# %% wrong: An order has no job, and relay does not help it
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)


# %% wrong: An order has two jobs
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}")
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()


# %% wrong: An order has two jobs
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", number)
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()


# %% wrong: An order has two jobs
# %%writefile lab08_orders.py
import uuid
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue(
                "mails.send", number, job_id=f"order-{number}-{uuid.uuid4()}", unique=True
            )
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()


# %% wrong: the outbox still holds it
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
        database.execute("DELETE FROM outbox WHERE number = ?", [number])


# %% wrong: the outbox still holds it
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
        database.commit()


# %% wrong: the outbox still holds it
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    database.execute("INSERT INTO orders (item) VALUES ('tea')")
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT id FROM orders").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)


# %% wrong: INSERT orders, COMMIT, ✗ before BEGIN
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.commit()
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()


# %% wrong: 0 orders were committed
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()


# %% wrong: Then relay raised DuplicateJobError
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()


# %% wrong: An order has no job, and relay does not help it
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
        database.execute("DELETE FROM outbox")
        database.commit()


# %% wrong: there are 2 for 'tea'
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", "tea", job_id=f"order-{number}", unique=True)
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()


# %% wrong: 0 orders, 1 job
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}")
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()


# %% wrong: there is no job
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("emails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()


# %% wrong: An order has no job, and relay does not help it
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.commit()
    try:
        Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}")
    except Exception:
        database.execute("INSERT INTO outbox VALUES (?)", [number])
        database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()


# %% wrong: A job has no order: its mail is about nothing
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    redis.rpush("outbox", number)
    database.commit()


def relay(redis, database):
    while number := redis.lpop("outbox"):
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue(
                "mails.send", int(number), job_id=f"order-{int(number)}", unique=True
            )


# %% wrong: relay(redis, database) can't be called
# %%writefile lab08_orders.py
from contextlib import suppress

from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO outbox VALUES (?)", [number])
    database.commit()


def relay(database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=Redis()).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()


# %% wrong: no such table: orders_outbox
# %%writefile lab08_orders.py
from contextlib import suppress

from rq import Queue
from rq.exceptions import DuplicateJobError


def place_order(redis, database):
    number = database.execute("INSERT INTO orders (item) VALUES ('tea')").lastrowid
    database.execute("INSERT INTO orders_outbox VALUES (?)", [number])
    database.commit()


def relay(redis, database):
    for (number,) in database.execute("SELECT number FROM outbox").fetchall():
        with suppress(DuplicateJobError):
            Queue("mails", connection=redis).enqueue("mails.send", number, job_id=f"order-{number}", unique=True)
        database.execute("DELETE FROM outbox WHERE number = ?", [number])
        database.commit()
