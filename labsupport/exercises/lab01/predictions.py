"""The predictions of lab 01."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS = (
    Prediction(
        "delivered-without-a-worker",
        "Ten requests send their notification themselves, and ten enqueue it. All twenty are answered, and no worker runs. How "
        "many notifications are delivered?",
        range(21),
    ),
    Prediction(
        "same-id-twice",
        "Two jobs are enqueued with the same id: first version 1, then version 2. What does the queue hold?",
        ("version 1", "version 2", "version 1 and version 2", "version 2 and version 2"),
    ),
    Prediction(
        "one-round-trip",
        "500 jobs are enqueued in one round trip with enqueue_many, and in a thousand round trips without it. How many times as "
        "fast is enqueue_many?",
        within=3,
        unit="times",
    ),
)
