"""The questions before and after lab 09."""

QUESTIONS = ()
