"""The predictions of lab 06."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS: tuple[Prediction, ...] = ()
