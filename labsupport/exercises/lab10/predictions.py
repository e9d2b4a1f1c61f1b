"""The predictions of lab 10."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS = (
    Prediction(
        "sent-sooner-with-a-queue",
        "Thirty requests a second come, and ten messages a second can be sent. Is a message sent sooner with a queue than in "
        "the request?",
        ("sooner", "no sooner"),
    ),
    Prediction(
        "lost-after-202",
        "The provider fails, a worker is killed, and Redis is killed and started again. How many of the requests that were "
        "answered with 202 are lost?",
        range(241),
    ),
    Prediction(
        "letters-across-releases",
        "One of four jobs runs when its worker gets SIGTERM. Then a worker starts with new code, which cannot read old jobs. How "
        "many of the four finish?",
        range(5),
    ),
)
