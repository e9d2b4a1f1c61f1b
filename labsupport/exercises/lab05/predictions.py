"""The predictions of lab 05."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS = (
    Prediction(
        "runs-of-a-repeat-that-fails",
        "A job with Repeat(times=2) has no Retry, and its first run fails. How many times does it run in all?",
        range(1, 5),
    ),
    Prediction(
        "jobs-of-two-rq-crons",
        "Two servers run rq cron with the same file, in which one job is due each second. How many jobs come in one second?",
        range(4),
    ),
    Prediction(
        "jobs-after-a-killed-worker",
        "Two workers wait for jobs. One is killed, but its scheduler lives on. Three jobs are enqueued. How many of them run?",
        range(4),
    ),
)
