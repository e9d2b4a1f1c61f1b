"""The questions before and after lab 00."""

QUESTIONS = ()
