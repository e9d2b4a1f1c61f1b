"""Every kept answer of 04-retry, given in its notebook; and the notebook run again."""

from tests.exercises.playing import tests_of

TestLab = tests_of("04-retry")
