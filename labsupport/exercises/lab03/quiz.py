"""The questions before and after lab 03."""

QUESTIONS = ()
