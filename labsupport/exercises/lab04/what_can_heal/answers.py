"""Answers to what-can-heal."""

from __main__ import Provider, Retry, lab, provider


# %% solution
def deliver(address, message):
    if "@" not in address:
        return f"given up: no such address: {address}"
    provider.send(message)
    return "sent"


answer = deliver


# %% right: the try around the address alone
def checked(address):
    if "@" not in address:
        raise ValueError(f"no such address: {address}")


def deliver(address, message):
    try:
        checked(address)
    except ValueError as error:
        return f"given up: {error}"
    provider.send(message)
    return "sent"


answer = deliver


# %% right: the kind of the error named
def deliver(address, message):
    try:
        if "@" not in address:
            raise ValueError(f"no such address: {address}")
        provider.send(message)
        return "sent"
    except ValueError as error:
        return f"given up: {error}"


answer = deliver

# %% right: the current job's connection, and a Retry that is returned
from labsupport.notifications.provider import ProviderError
from rq import get_current_job


def deliver(address, message):
    if "@" not in address:
        return "given up"
    try:
        Provider(get_current_job().connection).send(message)
    except ProviderError:
        return Retry(max=3, interval=10)
    return "sent"


answer = deliver


# %% right: async def
async def deliver(address, message):
    if "@" not in address:
        return "given up: no address"
    provider.send(message)
    return "sent"


answer = deliver


# %% right: a failure without retries
def deliver(address, message):
    if "@" not in address:
        get_current_job().retries_left = 0
        raise ValueError(f"no such address: {address}")
    provider.send(message)
    return "sent"


answer = deliver

# %% right: functools.partial
from functools import partial


def deliver_with(way, address, message):
    if address.count("@") != 1:
        return f"no such address: {address}"
    way.send(message)
    return "sent"


answer = partial(deliver_with, Provider(lab.redis))


# %% wrong: The provider was down, and deliver returned 'given up: provider unreachable'
def deliver(address, message):
    try:
        if "@" not in address:
            raise ValueError(f"no such address: {address}")
        provider.send(message)
        return "sent"
    except Exception as error:
        return f"given up: {error}"


answer = deliver


# %% wrong: RQ would try again what cannot heal
def deliver(address, message):
    if "@" not in address:
        raise ValueError(f"no such address: {address}")
    provider.send(message)
    return "sent"


answer = deliver


# %% wrong: deliver raised RuntimeError: wrong
def deliver(address, message):
    if "@" not in address:
        raise RuntimeError("wrong")
    provider.send(message)
    return "sent"


answer = deliver


# %% wrong: went out to the address 'ada'
def deliver(address, message):
    provider.send(message)
    if "@" not in address:
        return f"given up: no such address: {address}"
    return "sent"


answer = deliver


# %% wrong: deliver returned None. Whoever counts
def deliver(address, message):
    if "@" not in address:
        return None
    provider.send(message)
    return "sent"


answer = deliver


# %% wrong: deliver returned ''. Whoever counts
def deliver(address, message):
    if "@" not in address:
        return ""
    provider.send(message)
    return "sent"


answer = deliver


# %% wrong: deliver returned 'sent'. Whoever counts
def deliver(address, message):
    if "@" in address:
        provider.send(message)
    return "sent"


answer = deliver

# %% wrong: The provider answered with an error, and deliver returned
from labsupport.notifications.provider import ProviderDown


def deliver(address, message):
    try:
        if "@" not in address:
            raise ValueError(f"no such address: {address}")
        provider.send(message)
        return "sent"
    except ProviderDown:
        raise
    except Exception as error:
        return f"given up: {error}"


answer = deliver

# %% wrong: The provider took no more calls in this second, and deliver returned
from labsupport.notifications.provider import RateLimited


def deliver(address, message):
    if "@" not in address:
        return f"given up: no such address: {address}"
    try:
        provider.send(message)
    except RateLimited:
        return "given up: too many calls"
    return "sent"


answer = deliver


# %% wrong: delivered, but its answer was lost, and deliver returned 'sent'
def deliver(address, message):
    if "@" not in address:
        return f"given up: no such address: {address}"
    try:
        provider.send(message)
    except ProviderError as error:
        if "answer" not in str(error):
            raise
    return "sent"


answer = deliver


# %% wrong: hung until the job's timeout, and deliver returned
def deliver(address, message):
    try:
        if "@" not in address:
            raise ValueError(f"no such address: {address}")
        provider.send(message)
        return "sent"
    except ProviderError:
        raise
    except Exception as error:
        return f"given up: {error}"


answer = deliver


# %% wrong: A message went out to the address
def deliver(address, message):
    if address == "ada":
        return f"given up: no such address: {address}"
    provider.send(message)
    return "sent"


answer = deliver


# %% wrong: the provider delivered the message twice
def deliver(address, message):
    if "@" not in address:
        return f"given up: no such address: {address}"
    provider.send(message)
    provider.send(message)
    return "sent"


answer = deliver


# %% wrong: @example.org'.
def deliver(address, message):
    if "@" not in address:
        return f"given up: no such address: {address}"
    provider.send(address)
    return "sent"


answer = deliver


# %% wrong: and should return 'sent'
def deliver(address, message):
    if "@" not in address:
        return f"given up: no such address: {address}"
    return provider.send(message)


answer = deliver


# %% wrong: and deliver raised, and took its own retries away: RQ would not try again
def deliver(address, message):
    get_current_job().retries_left = 0
    if "@" not in address:
        raise ValueError(f"no such address: {address}")
    provider.send(message)
    return "sent"


answer = deliver


# %% wrong: was down, and deliver returned None
def deliver(address, message):
    import subprocess

    subprocess.Popen(["true", message])


answer = deliver


# %% wrong: the function deliver; this is str
answer = deliver("ada", "Hello") or "given up"


# %% wrong: still running after 5 s
import time


def deliver(address, message):
    while True:
        try:
            time.sleep(0.1)
            provider.send(message)
            return "sent"
        except:
            pass


answer = deliver


# %% wrong: the provider delivered nothing
def deliver(address, message):
    if "@" in address:
        raise ValueError("later")
    return "given up"


answer = deliver
