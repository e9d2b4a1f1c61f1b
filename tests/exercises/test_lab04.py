"""Every kept answer of 04-retry, given in its notebook; and the notebook run again."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("04-retry")
