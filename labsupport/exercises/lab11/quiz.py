"""The questions before and after lab 11."""

QUESTIONS = ()
