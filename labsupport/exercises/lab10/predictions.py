"""The predictions of lab 10."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS: tuple[Prediction, ...] = ()
