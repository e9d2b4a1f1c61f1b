"""Answers to tell-the-user."""

# %% solution
TEXTS = {
    "finished": "Your notification was sent.",
    "failed": "We could not send your notification. We have been told, and look into it.",
}


def tell(job):
    return TEXTS.get(job.get_status().value, "Your notification is on its way.")


answer = tell


# %% wrong: away. That is for you
def tell(job):
    return f"{job.get_status().value}: {job.latest_result() and job.latest_result().exc_string}"


answer = tell


# %% wrong: 'division by zero' away
def tell(job):
    if job.get_status() == "failed":
        return "Not sent: " + job.latest_result().exc_string.strip().splitlines()[-1].split(":")[-1]
    return "Sent."


answer = tell


# %% wrong: is RQ's own word
def tell(job):
    return str(job.get_status())


answer = tell


# %% wrong: is told the same as one whose was sent
def tell(job):
    return "Your notification was sent."


answer = tell


# %% wrong: is told to wait for ever
def tell(job):
    return "We are working on it." if job.get_status() != "finished" else "Sent."


answer = tell


# %% wrong: which is no text
def tell(job):
    if job.get_status() == "failed":
        return "We could not send it."


answer = tell
