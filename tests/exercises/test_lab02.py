"""Every kept answer of 02-process, given in its notebook; and the notebook run again."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("02-process")
