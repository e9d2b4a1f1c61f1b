"""The kept answers of 05-schedule, given in its notebook."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("05-schedule")
