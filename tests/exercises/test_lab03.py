"""Every kept answer of 03-fail, given in its notebook; and the notebook run again."""

from tests.exercises.playing import tests_of

TestLab = tests_of("03-fail")
