"""The predictions of lab 06."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS = (
    Prediction(
        "tests-that-see-the-users-key",
        "A bug makes two reminders to one user into one message. One test sends a reminder, another one runs it twice. "
        "How many of the two tests fail?",
        range(3),
    ),
    Prediction(
        "alike-at-once-and-with-a-worker",
        "Three jobs look up a number in a dictionary, sleep longer than their limit, and raise an error. How many of them get "
        "the same status with is_async=False as with a worker that reads JSON?",
        range(4),
    ),
    Prediction(
        "bugs-for-the-worker-test-alone",
        "There is a test file for each of four kinds: function, at once, burst and worker. How many of eight bugs does only the "
        "worker test find?",
        range(9),
    ),
)
