"""The predictions of lab 09."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS = (
    Prediction(
        "high-before-low",
        "A worker listens on the queues high and low, in this order. 3 jobs wait in low, 10 in high, and 30 more come into high, "
        "a little faster than the worker works. After how many jobs of high does the first one of low start?",
        range(41),
    ),
    Prediction(
        "twice-the-load",
        "Jobs come at random moments. The load of two workers grows from 40 % to 80 % of what they can do. How many times as "
        "long do the jobs wait?",
        within=2,
        unit="times",
    ),
    Prediction(
        "one-part-failed",
        "A job depends on three others. Two of them finish, and one fails. What is the status of the job in the end?",
        ("finished", "failed", "canceled", "deferred"),
    ),
    Prediction(
        "after-a-fail-over",
        "An API and its workers ask Sentinels where Redis is. The primary is killed, and its replica takes its place. What must "
        "somebody start again: the API, the workers, both, or nothing?",
        ("nothing", "the API", "the workers", "both"),
    ),
)
