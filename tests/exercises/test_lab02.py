"""The kept answers of 02-process, given in its notebook."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("02-process")
