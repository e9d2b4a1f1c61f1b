"""The questions before and after lab 05."""

QUESTIONS = ()
