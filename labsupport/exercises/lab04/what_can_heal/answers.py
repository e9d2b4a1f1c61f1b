"""Answers to what-can-heal."""

from __main__ import provider


# %% solution
def deliver(address, message):
    if "@" not in address:
        return f"given up: no such address: {address}"
    provider.send(message)
    return "sent"


answer = deliver


# %% wrong: the message is lost
def deliver(address, message):
    try:
        if "@" not in address:
            raise ValueError(f"no such address: {address}")
        provider.send(message)
        return "sent"
    except Exception as error:
        return f"given up: {error}"


answer = deliver


# %% wrong: again and again what cannot
def deliver(address, message):
    if "@" not in address:
        raise ValueError(f"no such address: {address}")
    provider.send(message)
    return "sent"


answer = deliver


# %% wrong: went out to the address `ada`
def deliver(address, message):
    provider.send(message)
    if "@" not in address:
        return f"given up: no such address: {address}"
    return "sent"


answer = deliver


# %% wrong: the result should say that it gave up
def deliver(address, message):
    if "@" not in address:
        return None
    provider.send(message)
    return "sent"


answer = deliver
