"""The predictions of lab 03."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS = (
    Prediction(
        "how-many-of-five-failed",
        "Five jobs: one raises an exception, one takes too long, one is killed, one returns what JSON cannot represent, and one "
        "names a function that does not exist. How many are failed for RQ?",
        range(6),
    ),
    Prediction(
        "callbacks-of-a-killed-job",
        "A job with Retry(max=2) and on_failure is run three times, and each time its work-horse is killed. How many times is "
        "on_failure called?",
        range(5),
    ),
    Prediction(
        "healthy-after-a-simple-worker",
        "Ten healthy jobs wait, and in the middle of them one that kills its process. A SimpleWorker runs them. How many of the "
        "healthy ones finish?",
        range(11),
    ),
)
