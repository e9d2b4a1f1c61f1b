"""The questions before and after lab 08."""

QUESTIONS = ()
