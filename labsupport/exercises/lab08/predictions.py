"""The predictions of lab 08."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS = (
    Prediction(
        "setups-that-lose",
        "A worker is killed once, at any step. In which of two setups can this lose a message: a job without a retry, or a job "
        "with Retry(max=1) whose worker listens on two queues?",
        ("neither", "no retry", "two queues", "both"),
    ),
    Prediction(
        "killed-after-the-key",
        "A job with a retry sets a key, and sends its message only if the key was new. It is killed between the two. How often "
        "is the message sent, and what is the status of the job in the end?",
        ("once and finished", "twice and finished", "never and failed", "never and finished"),
    ),
    Prediction(
        "silence-of-a-long-job",
        "A job may take an hour. Its worker and its work-horse are killed. After how many seconds without a heartbeat does RQ "
        "take the job for abandoned?",
        (30, 90, 3600, 3660),
        unit="s",
    ),
    Prediction(
        "order-and-job",
        "An order goes into a database, and a job for it into a queue. Which is safe against a crash: "
        "enqueue first, or commit first?",
        ("enqueue first", "commit first", "both", "neither"),
    ),
)
