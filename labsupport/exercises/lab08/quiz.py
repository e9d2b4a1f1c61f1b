"""The questions before and after lab 08."""

from labsupport.exercises.quizzes.question import Asked, drawn

PLAIN = "A job sends a message. It uses no key."
WITH_KEY = (
    "A job sets a key in Redis by `SET … NX`: the same key in each attempt, and without an expiry. Only if the key was new, it "
    "sends a message."
)

CRASHES: dict[tuple[str, str], tuple[int, str, dict[str, str]]] = {
    (PLAIN, "before it sends"): (
        1,
        "Nothing was sent before the crash, and the second attempt sends.",
        {
            "0": "The job has a retry, so there is a second attempt.",
            "2": "The first attempt came to its end before it sent.",
        },
    ),
    (PLAIN, "after it has sent"): (
        2,
        "Redis does not know yet that the job is done, so it runs again, and sends again.",
        {"1": "Redis does not know yet that the job is done. So it runs again, and sends again."},
    ),
    (WITH_KEY, "after the key is set, and before it sends"): (
        0,
        "The second attempt finds the key, and takes the message for sent. The job ends as finished.",
        {
            "1": "Key and message do not change in one step. The second attempt finds the key, and takes the message for sent."
        },
    ),
    (WITH_KEY, "after it has sent"): (
        1,
        "The second attempt finds the key, and does not send.",
        {"2": "The key is still there. The second attempt finds it, and does not send."},
    ),
}
"""The job, and when it is killed → how often the message is sent, why, and what other answers miss."""

SECOND_STARTS = {
    "the work-horse alone is": ("at once", "Its worker lives, sees that the work-horse is dead, and retries."),
    "the worker alone is": ("never", "The work-horse goes on as an orphan, and finishes the job."),
    "both are": (
        "at maintenance",
        "Nobody is left who sees it at once. Another worker finds the job at its maintenance.",
    ),
}
"""What is killed → when the function starts a second time, and why."""


@drawn(case=[*CRASHES])
def sent(case: tuple[str, str]) -> Asked:
    job, moment = case
    right, why, wrong = CRASHES[case]
    return Asked(
        f"{job} The job has `retry=Retry(max=1)`, and its worker listens on one queue. In the first attempt, worker and "
        f"work-horse are killed right {moment}. An hour later, another worker does its maintenance, and then works until the "
        "queue is empty. How many times is the message sent in all?",
        right=f"{right}",
        why=why,
        wrong=wrong,
    )


@drawn(killed=[*SECOND_STARTS], seconds=range(2, 10))
def second_start(killed: str, seconds: int) -> Asked:
    right, why = SECOND_STARTS[killed]
    missed = {"at once": why, "at maintenance": why, "never": "The job has a retry, and RQ uses it."}
    return Asked(
        f"The only job of a queue takes {seconds} seconds, and has `retry=Retry(max=1)`. A worker has forked a work-horse, which "
        f"runs the function of the job. In the middle of the function, {killed} killed by SIGKILL. A second worker listens on "
        'the queue, too. When does the function start a second time? Answer `"at once"`, `"at maintenance"` or `"never"`. At its '
        "maintenance, a worker looks for abandoned jobs.",
        right=repr(right),
        why=why,
        wrong={repr(answer): says for answer, says in missed.items() if answer != right},
    )


@drawn(jobs=range(20, 90, 10), signal=("SIGTERM", "SIGKILL"))
def restart(jobs: int, signal: str) -> Asked:
    saved = jobs if signal == "SIGTERM" else 0
    late = "The server has written each job to the file. `everysec` is about the disk, and matters if the whole machine fails."
    return Asked(
        f"Four servers of Redis were started a few seconds ago. Since then, each has accepted {jobs} jobs. They differ in their "
        "files:\n"
        "1. neither RDB nor an append-only file\n"
        "2. RDB, with snapshots by Redis' default rules\n"
        "3. an append-only file, with `appendfsync everysec`\n"
        "4. an append-only file, with `appendfsync always`\n"
        f"Each is ended by {signal}, and started again. The machine runs on, and its disk is not busy. How many of the "
        "jobs does each server have then? Give a list of four numbers, in this order.",
        right=str([0, saved, jobs, jobs]),
        why="RDB saves at SIGTERM, and cannot at SIGKILL. An append-only file has each job before it is accepted.",
        wrong={
            str([0, jobs - saved, jobs, jobs]): "At SIGTERM, a server with RDB saves before it ends."
            if saved
            else "SIGKILL leaves no time to save, and the default rules make no snapshot in the first seconds.",
            str([0, saved, 0, jobs]): late,
            str([0, jobs - saved, 0, jobs]): late,
        },
    )


WAYS = {
    "commit first": (
        "For each, it writes the order into its database, commits, and then enqueues a job. At the last order, it is killed "
        "after the commit and before it enqueues."
    ),
    "enqueue first": (
        "For each, it writes the order into its database, enqueues a job, and then commits. At the last order, it is killed "
        "after it has enqueued and before the commit."
    ),
    "outbox": (
        "For each, one transaction writes the order and a line in an outbox. Then a relay enqueues a job with an id made from "
        "the order's number and with `unique=True`, and deletes the line. At the last order, the program is killed after it has "
        "enqueued and before it deletes the line. Then it is started again, and the relay runs."
    ),
}
"""How a shop takes orders."""


@drawn(orders=range(3, 9), way=[*WAYS])
def left(orders: int, way: str) -> Asked:
    both, fewer = str([orders] * 2), str([orders - 1] * 2)
    no_job, extra = str([orders, orders - 1]), str([orders, orders + 1])
    two_systems = "A database and Redis have no common transaction: neither takes back what the other has."
    right, why, wrong = {
        "commit first": (
            no_job,
            "The order is committed, and nobody knows any more that it needs a job.",
            {
                both: "Who would enqueue is dead. Only an outbox would keep in mind that a job is missing.",
                fewer: two_systems,
            },
        ),
        "enqueue first": (
            str([orders - 1, orders]),
            "The job is in Redis, and the database forgets an order that is not committed.",
            {both: "The last order was not committed, so the database forgets it.", fewer: two_systems},
        ),
        "outbox": (
            both,
            "The line is still there, so the relay enqueues again. The id is taken, so there is no second job.",
            {
                extra: "The relay does enqueue again, and `unique=True` refuses an id that is taken.",
                no_job: "The job was in Redis before the program was killed.",
            },
        ),
    }[way]
    return Asked(
        f"A shop's program takes {orders} orders, one after the other. {WAYS[way]} No worker runs, and everything else works. "
        "How many orders are in the database in the end, and how many jobs in the queue? Give a list of these two numbers.",
        right=right,
        why=why,
        wrong=wrong,
    )


QUESTIONS = (sent, second_start, restart, left)
