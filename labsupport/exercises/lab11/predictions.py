"""The predictions of lab 11."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS: tuple[Prediction, ...] = ()
