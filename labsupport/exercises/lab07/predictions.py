"""The predictions of lab 07."""

from labsupport.exercises.predictions import Prediction

PREDICTIONS: tuple[Prediction, ...] = ()
