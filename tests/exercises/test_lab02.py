"""Every kept answer of 02-process, given in its notebook; and the notebook run again."""

from tests.exercises.playing import tests_of

TestLab = tests_of("02-process")
