"""The predictions of lab 00."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS = (
    Prediction(
        "status-after-enqueue",
        "A job was enqueued and no worker runs. What is its status?",
        ("queued", "started", "finished"),
    ),
    Prediction("wait-or-run", "The first job waited, and then it ran. Which took longer?", ("wait", "run")),
)
