"""The predictions of lab 11."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS = (
    Prediction(
        "mail-of-a-taken-id",
        "In BullMQ, a mail to Ada waits as the job order-7. A mail to Bob is added with the same jobId. Who will get a mail?",
        ("Ada", "Bob", "Ada and Bob"),
    ),
    Prediction(
        "calls-across-two-windows",
        "BullMQ's limiter lets ten jobs start in two seconds. One job comes, and 1.6 seconds later nineteen more. How many start "
        "within one second?",
        range(1, 21),
    ),
    Prediction(
        "wait-beside-computing",
        "A BullMQ worker has fifty jobs at a time. Each waits for half a second, but one computes for two seconds. How many "
        "seconds does the slowest of the others take?",
        within=2,
        unit="s",
    ),
    Prediction(
        "lost-in-either-sweep",
        "RQ's worker is killed before each of its requests to Redis, and so is BullMQ's. Others recover, and RQ's job has a "
        "retry. At how many of these 54 points is the job lost?",
        range(55),
    ),
)
