"""Every kept answer of 05-schedule, given in its notebook; and the notebook run again."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("05-schedule")
