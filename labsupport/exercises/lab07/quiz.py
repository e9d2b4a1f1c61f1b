"""The questions before and after lab 07."""

QUESTIONS = ()
