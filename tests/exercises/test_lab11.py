"""The kept answers of 11-bullmq, given in its notebook."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("11-bullmq")
