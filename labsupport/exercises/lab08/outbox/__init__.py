"""outbox: an order in one database and its job in another, between which a process may die."""

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.lab08.crashed import first_bad, module_of, program, told

HINTS = (
    "No transaction spans SQLite and Redis. So write into SQLite, in the same transaction as the order, that a job is still due.",
    "relay reads the outbox, enqueues, and then deletes the line. If it dies between the two, it enqueues again: then the job's "
    "id must say that it is the same one.",
    'relay, for each number: enqueue(…, job_id=f"order-{number}", unique=True), with suppress(DuplicateJobError); then DELETE, '
    "and database.commit().",
)

FILE = "lab08_orders.py"


def judge(answer: object, context: Context) -> str:
    module_of(answer, FILE, place_order=("redis", "database"), relay=("redis", "database"))
    checks = (
        ("shop.place_order", "shop.prepare", "place_order"),
        ("shop.relay", "shop.orders_that_wait", "relay, with two orders whose place_order had died after its commit"),
    )
    points = 0
    for run, begin, what in checks:
        rows = program(run, then="shop.relay", begin=begin, delivered="shop.jobs", promised="shop.orders")
        points += len(rows)
        if (bad := first_bad(rows)) is None:
            continue
        orders, jobs = bad["promised"], bad["delivered"]
        if bad["raised"]:
            why = f"Then relay raised {bad['raised'].rstrip('.')}"
        elif orders > jobs:
            why = "An order has no job, and relay does not help it"
        else:
            why = "A job has no order: its mail is about nothing" if not orders else "An order has two jobs"
        raise NotYet(
            f"Killed before step {bad['point']} of {what}: {_counted(orders, 'order')}, {_counted(jobs, 'job')}. "
            f"{told(bad, names='process')}. {why}."
        )
    return (
        f"Killed at each of {points} steps, every order has its job, no order has two, and no job is without its order."
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
