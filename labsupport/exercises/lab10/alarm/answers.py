"""Answers to alarm."""


# %% solution
def alarm(health):
    if not health["redis"] or not health["workers"]:
        return True
    return (health["oldest_waiting"] or 0) > 60 or health["overdue"] > 0


answer = alarm


# %% wrong: Redis is away
def alarm(health):
    return health["waiting"] > 100


answer = alarm


# %% wrong: it raised TypeError
def alarm(health):
    return health["oldest_waiting"] > 60


answer = alarm


# %% wrong: No worker is there
def alarm(health):
    return not health["redis"]


answer = alarm


# %% wrong: How many is no trouble
def alarm(health):
    return not health["redis"] or health["workers"] == 0 or health["waiting"] > 100


answer = alarm


# %% wrong: registered, and dead
def alarm(health):
    return not health["redis"] or health["workers"] == 0


answer = alarm


# %% wrong: no scheduler is there
def alarm(health):
    return not health["redis"] or health["workers"] == 0 or (health["oldest_waiting"] or 0) > 60


answer = alarm


# %% wrong: One worker is there
def alarm(health):
    return not health["redis"] or health["workers"] < 2 or (health["oldest_waiting"] or 0) > 60


answer = alarm
