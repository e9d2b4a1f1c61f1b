"""Answers to which-error."""

from __main__ import mystery

# %% solution
last_line = mystery.latest_result().exc_string.strip().splitlines()[-1]
answer = last_line.split(":")[0]

# %% wrong: is the job's status
answer = mystery.get_status().value

# %% wrong: the whole traceback
answer = mystery.latest_result().exc_string

# %% wrong: the whole last line
answer = mystery.latest_result().exc_string.strip().splitlines()[-1]

# %% wrong: It was not 'TypeError'
answer = "TypeError"
