"""Every kept answer of 00-start-here, given in its notebook; and the notebook run again."""

from tests.exercises.playing import tests_of

TestLab = tests_of("00-start-here")
