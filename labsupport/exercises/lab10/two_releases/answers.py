"""Answers to two-releases."""


# %% solution
def send(data):
    if "message" in data:  # jobs of the release before; remove this when none is left
        return data["message"]
    return data["text"]


answer = send


# %% wrong: A job of the old release
def send(data):
    return data["text"]


answer = send


# %% wrong: A job of the new release
def send(data):
    return data["message"]


answer = send


# %% wrong: returned None instead of 'old'
def send(data):
    return data.get("text")


answer = send


# %% wrong: Let it raise
def send(data):
    return data.get("text") or data.get("message")


answer = send
