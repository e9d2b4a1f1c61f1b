"""The predictions of lab 07."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS = (
    Prediction(
        "mean-of-percentiles",
        "Every second has its own 95th percentile of the waits. Is the mean of these percentiles lower than the 95th percentile "
        "of all waits, equal or higher, on a day whose longest waits come in a few seconds at its end?",
        ("lower", "equal", "higher"),
    ),
    Prediction(
        "workers-after-a-kill",
        "Of two workers, one is stopped, and the other one is killed with SIGKILL. How many does an exporter see a moment later?",
        range(3),
    ),
    Prediction(
        "events-of-a-reader-that-died",
        "A reader of a consumer group gets the events finished and failed, acks the first one, and dies. A new process reads "
        'with the same name, from ">". What does it get?',
        ("nothing", "failed", "finished failed"),
    ),
    Prediction(
        "scrape-of-3000-jobs",
        "Does a scrape of the exporter take ten times as long or longer with 3,000 jobs in the queue than with 3?",
        ("yes", "no"),
    ),
)
