"""The questions before and after lab 01."""

QUESTIONS = ()
