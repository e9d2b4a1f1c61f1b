"""The kept answers of 10-ship, given in its notebook."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("10-ship", all_cells=True)
