"""The questions before and after lab 06."""

QUESTIONS = ()
