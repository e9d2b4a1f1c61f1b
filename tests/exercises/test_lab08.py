"""The kept answers of 08-survive, given in its notebook."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("08-survive")
