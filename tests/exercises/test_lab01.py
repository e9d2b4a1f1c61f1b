"""The kept answers of 01-enqueue, given in its notebook."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("01-enqueue")
