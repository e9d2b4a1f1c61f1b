"""Answers to two-releases."""


# %% solution
def send(data):
    if "message" in data:  # jobs of the release before; remove this when none is left
        return data["message"]
    return data["text"]


answer = send

# %% right: as release two has it, with the current job
from rq import get_current_job


def send(data):
    job = get_current_job()
    job.meta["release"] = 2
    job.save_meta()
    return data["text"] if "text" in data else data["message"]


answer = send


# %% right: async, and asks forgiveness
async def send(data):
    try:
        return data["text"]
    except KeyError:
        return data["message"]


answer = send


# %% right: with an error that says more
def send(data):
    text = data.get("text", data.get("message"))
    if text is None:
        raise ValueError("a letter needs a text")
    return text


answer = send

# %% right: a lambda
answer = lambda data: data["text"] if "text" in data else data["message"]  # noqa: E731


# %% right: a method, and a process that ends
class Letters:
    def send(self, data):
        for name in ("text", "message"):
            if name in data:
                return data[name]
        raise SystemExit("neither")


answer = Letters().send

# %% right: functools.partial
from functools import partial


def pick(names, data):
    (name,) = names & data.keys()
    return data[name]


answer = partial(pick, {"text", "message"})


# %% wrong: one of the old release
def send(data):
    return data["text"]


answer = send


# %% wrong: one of the new release
def send(data):
    return data["message"]


answer = send


# %% wrong: it returned None
def send(data):
    return data.get("text")


answer = send


# %% wrong: Let it raise
def send(data):
    return data.get("text") or data.get("message")


answer = send


# %% wrong: Let it raise
def send(data):
    return data.get("text", data.get("message", ""))


answer = send


# %% wrong: For a job of neither kind
def send(data):
    (text,) = data.values()
    return text


answer = send


# %% wrong: Let it raise
def send(data):
    try:
        return data.get("text") or data["message"]
    except KeyError:
        return False


answer = send


# %% wrong: it returned None
def send(data):
    print(data.get("text") or data["message"])


answer = send


# %% wrong: it returned True
def send(data):
    text = data.get("text") or data["message"]
    return bool(text)


answer = send


# %% wrong: it returned {'text':
def send(text=None, message=None):
    return text or message.strip()


answer = send


# %% wrong: ended its own process
def send(data):
    import os

    if "text" not in data:
        os._exit(1)
    return data["text"]


answer = send

# %% wrong: this is str 'old'
answer = "old"
