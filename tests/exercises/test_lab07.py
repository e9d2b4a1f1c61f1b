"""Every kept answer of 07-observe, given in its notebook; and the notebook run again."""

from tests.exercises.playing import lab_tests

TestLab = lab_tests("07-observe")
