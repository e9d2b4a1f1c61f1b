"""The kept answers of 03-fail, given in its notebook."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("03-fail")
