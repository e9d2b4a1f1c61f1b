"""The questions before and after lab 10."""

QUESTIONS = ()
