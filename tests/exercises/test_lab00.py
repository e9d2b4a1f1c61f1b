"""The kept answers of 00-start-here, given in its notebook."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("00-start-here")
