"""Answers to let-it-out."""

from __main__ import provider


# %% solution
def deliver(message):
    provider.send(message)
    return True


answer = deliver


# %% wrong: deliver returned False
def deliver(message):
    try:
        provider.send(message)
        return True
    except Exception as error:
        print("could not send:", error)
        return False


answer = deliver


# %% wrong: deliver returned True. For RQ a job that returns
def deliver(message):
    try:
        provider.send(message)
    finally:
        return True


answer = deliver


# %% wrong: deliver returned None instead of True
def deliver(message):
    try:
        provider.send(message)
    except Exception:
        raise


answer = deliver


# %% wrong: The provider was up, and deliver raised
def deliver(message):
    raise RuntimeError("could not send")


answer = deliver
