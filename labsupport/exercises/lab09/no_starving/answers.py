"""Answers to no-starving."""

# %% solution
crew = [["high"], ["high"], ["low"]]

answer = crew

# %% right: tuples, in another order
answer = (("low",), ("high",), ("high",))

# %% right: names without lists
answer = ["high", "low", "high"]

# %% wrong: As long as jobs come there, `low` starves
answer = [["high", "low"], ["high", "low"], ["high", "low"]]

# %% wrong: a worker on two queues takes an id out of its list
answer = [["low", "high"], ["low", "high"], ["low", "high"]]

# %% wrong: a worker on two queues takes an id out of its list
answer = [["high", "low"], ["high", "low"], ["low", "high"]]

# %% wrong: Give each worker one queue
answer = [["high"], ["high"], ["low", "high"]]

# %% wrong: nobody worked on `low`
answer = [["high"], ["high"], ["high"]]

# %% wrong: nobody worked on `high`
answer = [["low"], ["low"], ["low"]]

# %% wrong: now it has one of three
answer = [["high"], ["low"], ["low"]]

# %% wrong: There are three workers
answer = [["high"], ["high"], ["high"], ["low"]]

# %% wrong: nobody puts a job into `urgent`
answer = [["urgent"], ["high"], ["low"]]

# %% wrong: three lists of names
answer = 3
