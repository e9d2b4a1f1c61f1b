"""The predictions of lab 05."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS: tuple[Prediction, ...] = ()
