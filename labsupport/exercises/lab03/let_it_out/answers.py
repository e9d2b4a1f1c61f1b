"""Answers to let-it-out."""

from __main__ import provider


# %% solution
def deliver(message):
    provider.send(message)
    return True


answer = deliver


# %% right: catches, says so, and raises again
def deliver(message):
    try:
        provider.send(message)
    except Exception as error:
        print("could not send:", error)
        raise
    else:
        return True


answer = deliver

# %% right: returns a Retry
from rq import Retry


def deliver(message):
    try:
        provider.send(message)
    except Exception:
        return Retry(max=3)
    return True


answer = deliver

# %% right: the connection of the current job, and an error of its own
from labsupport.notifications.provider import Provider
from rq import get_current_job


def deliver(message):
    try:
        Provider(get_current_job().connection).send(message)
    except Exception as error:
        raise RuntimeError("could not send") from error
    return True


answer = deliver


# %% right: async def
async def deliver(message):
    provider.send(message)
    return True


answer = deliver


# %% wrong: The provider was down, and deliver returned False
def deliver(message):
    try:
        provider.send(message)
        return True
    except Exception as error:
        print("could not send:", error)
        return False


answer = deliver


# %% wrong: The provider was down, and deliver returned True. For RQ a job that returns is finished
def deliver(message):
    try:
        provider.send(message)
    finally:
        return True


answer = deliver

# %% wrong: with a ProviderError, and deliver returned False
from labsupport.notifications.provider import ProviderDown


def deliver(message):
    try:
        provider.send(message)
        return True
    except ProviderDown:
        raise
    except Exception:
        return False


answer = deliver

# %% wrong: RQ raised the job's own timeout, and deliver returned False
from labsupport.notifications.provider import ProviderError


def deliver(message):
    try:
        provider.send(message)
        return True
    except ProviderError:
        raise
    except Exception:
        return False


answer = deliver


# %% wrong: deliver returned None instead of True
def deliver(message):
    provider.send(message)


answer = deliver


# %% wrong: The provider was up, and deliver raised RuntimeError
def deliver(message):
    raise RuntimeError("could not send")


answer = deliver


# %% wrong: and nothing was delivered
def deliver(message):
    return True


answer = deliver


# %% wrong: was delivered.
def deliver(message):
    provider.send(message)
    provider.send(message)
    return True


answer = deliver


# %% wrong: ['could not send'] was delivered
def deliver(message):
    provider.send("could not send")
    return True


answer = deliver


# %% wrong: was still running after 5 s
import time


def deliver(message):
    while True:
        try:
            time.sleep(0.1)
            provider.send(message)
            return True
        except:
            pass


answer = deliver

# %% wrong: the function deliver itself, which is not called; this is None
answer = None
