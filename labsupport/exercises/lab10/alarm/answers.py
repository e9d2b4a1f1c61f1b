"""Answers to alarm."""


# %% solution
def alarm(health):
    if not health["redis"] or not health["writable"] or not health["workers"]:
        return True
    return (health["oldest_waiting"] or 0) > 60 or health["overdue"] > 0


answer = alarm

# %% right: as a lambda, with numbers for yes and no
answer = lambda health: int(  # noqa: E731
    not all((health["redis"], health["writable"], health["workers"]))
    or health["overdue"] >= 1
    or (health["oldest_waiting"] is not None and health["oldest_waiting"] >= 60)
)


# %% right: with the reasons
def alarm(health):
    reasons = [name for name in ("redis", "writable", "workers") if not health[name]]
    if health["overdue"]:
        reasons.append("no scheduler")
    if health["oldest_waiting"] and health["oldest_waiting"] > 60:
        reasons.append("late")
    return reasons


answer = alarm


# %% right: nothing said is no alarm
async def alarm(health):
    match health:
        case {"redis": False} | {"writable": False} | {"workers": 0}:
            return True
        case {"overdue": 0, "oldest_waiting": None}:
            return False
        case {"overdue": 0, "oldest_waiting": seconds}:
            return seconds > 60
    return True


answer = alarm


# %% wrong: Redis does not answer, so nothing can be sent
def alarm(health):
    return health["waiting"] > 100


answer = alarm


# %% wrong: it raised TypeError
def alarm(health):
    return not health["redis"] or not health["writable"] or not health["workers"] or health["oldest_waiting"] > 60


answer = alarm


# %% wrong: No worker is there
def alarm(health):
    return not health["redis"] or not health["writable"]


answer = alarm


# %% wrong: Redis answers and takes no jobs
def alarm(health):
    return not health["redis"] or health["workers"] == 0 or (health["oldest_waiting"] or 0) > 60


answer = alarm


# %% wrong: It matters how long they wait
def alarm(health):
    return not health["redis"] or not health["writable"] or health["workers"] == 0 or health["waiting"] > 100


answer = alarm


# %% wrong: one of them for an hour
def alarm(health):
    return not health["redis"] or not health["writable"] or health["workers"] == 0


answer = alarm


# %% wrong: One retry is past its time
def alarm(health):
    if not health["redis"] or not health["writable"] or health["workers"] == 0:
        return True
    return (health["oldest_waiting"] or 0) > 60 or health["overdue"] > 5


answer = alarm


# %% wrong: 55 s are within the minute
def alarm(health):
    if not health["redis"] or not health["writable"] or health["workers"] == 0:
        return True
    return (health["oldest_waiting"] or 0) > 30 or health["overdue"] > 0


answer = alarm


# %% wrong: 65 s are more than the minute
def alarm(health):
    if not health["redis"] or not health["writable"] or health["workers"] == 0:
        return True
    return (health["oldest_waiting"] or 0) > 89 or health["overdue"] > 0


answer = alarm


# %% wrong: One worker is there
def alarm(health):
    return not health["redis"] or health["workers"] < 2 or (health["oldest_waiting"] or 0) > 60


answer = alarm


# %% wrong: let people sleep
def alarm(health):
    return True


answer = alarm


# %% wrong: it returned None
def alarm(health):
    if not health["redis"] or not health["workers"] or (health["oldest_waiting"] or 0) > 60 or health["overdue"]:
        print("wake someone")


answer = alarm

# %% wrong: it raised AttributeError
answer = lambda health: not health.redis or not health.writable  # noqa: E731

# %% wrong: this is bool False
answer = False
