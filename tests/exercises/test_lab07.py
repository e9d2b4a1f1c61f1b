"""The kept answers of 07-observe, given in its notebook."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("07-observe")
