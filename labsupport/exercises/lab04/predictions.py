"""The predictions of lab 04."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS = (
    Prediction(
        "runs-of-three-retries", "How many times does a job with Retry(max=3) run, if it always fails?", range(1, 7)
    ),
    Prediction(
        "due-without-a-scheduler",
        "A job waits for its retry, and no worker has a scheduler. What is its status one second after it was due?",
        ("queued", "scheduled", "started", "failed"),
    ),
    Prediction(
        "messages-after-a-kill",
        "A job is killed right after it has sent its message, and has one retry. How many messages does the user get?",
        range(4),
    ),
)
