"""The kept answers of 09-scale, given in its notebook."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("09-scale")
