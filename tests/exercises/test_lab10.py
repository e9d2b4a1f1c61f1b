"""Every kept answer of 10-ship, given in its notebook; and the notebook run again."""

from tests.exercises.playing import tests_of

TestLab = tests_of("10-ship")
