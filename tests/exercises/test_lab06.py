"""The kept answers of 06-test, given in its notebook."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("06-test")
