"""Every kept answer of 06-test, given in its notebook."""

from tests.exercises.playing import lab_tests

# Its experiments. The notebook's own test runs them.
TestLab = lab_tests("06-test", without=("mutation.outcomes(", "plt.subplots(", "three(", "-m pytest"))
