"""The questions before and after lab 02."""

QUESTIONS = ()
