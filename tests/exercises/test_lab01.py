"""Every kept answer of 01-enqueue, given in its notebook; and the notebook run again."""

from tests.exercises.playing import tests_of

TestLab = tests_of("01-enqueue")
