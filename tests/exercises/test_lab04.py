"""The kept answers of 04-retry, given in its notebook."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("04-retry")
