"""Answers to tell-the-user."""

# %% solution
TEXTS = {
    "finished": "Your notification was sent.",
    "failed": "We could not send your notification. We have been told, and look into it.",
    "stopped": "Your notification was taken back, and will not be sent.",
    "canceled": "Your notification was taken back, and will not be sent.",
}


def tell(job):
    return TEXTS.get(job.get_status().value, "Your notification is on its way.")


answer = tell


# %% right: a chain of questions, with a number to call about
def tell(job):
    if job.is_finished:
        return "Done! It was delivered."
    if job.is_failed or job.is_stopped or job.is_canceled:
        return f"Sorry, we failed to send it. Please call us and say {job.id}."
    return "Please wait, it was not sent yet."


answer = tell


# %% right: match, in other words for each
def tell(job):
    match job.get_status():
        case "finished":
            return "Zugestellt."
        case "failed":
            return "Etwas ist schiefgegangen. Wir kümmern uns."
        case "stopped" | "canceled":
            return "Abgebrochen."
        case "scheduled":
            return "Your notification is scheduled for later."
        case _:
            return "In Arbeit."


answer = tell


# %% right: async def
async def tell(job):
    states = {"finished": "Sent.", "queued": "Soon.", "started": "Soon.", "scheduled": "Soon.", "deferred": "Soon."}
    return states.get(job.get_status(), "It did not work, and it will not be tried again.")


answer = tell


# %% wrong: gives 'Traceback' away. That is for you
def tell(job):
    return f"{job.get_status().value}: {job.latest_result() and job.latest_result().exc_string}"


answer = tell


# %% wrong: away. That is for you, not for the user: "Not sent: invalid literal
def tell(job):
    if job.get_status() == "failed":
        return "Not sent: " + job.latest_result().exc_string.strip().splitlines()[-1].partition(": ")[2]
    return "Sent."


answer = tell


# %% wrong: gives 'Work-horse' away
def tell(job):
    if job.get_status() == "failed":
        reason = job.latest_result().exc_string.strip()
        return "Not sent: " + (reason if reason.startswith("Work") else "an error")
    return "Sent."


answer = tell


# %% wrong: away. That is for you, not for the user: 'Not sent, because of /
def tell(job):
    if job.get_status() == "failed" and '"' in job.latest_result().exc_string:
        return "Not sent, because of " + job.latest_result().exc_string.split('"')[1]
    return "Sent."


answer = tell


# %% wrong: gives 'signal' away
def tell(job):
    if job.get_status() == "failed":
        return "Not sent: signal 9" if "signal 9" in job.latest_result().exc_string else "Not sent."
    return "Sent."


answer = tell


# %% wrong: since its job is stopped, and its user is told: 'Sent.'
def tell(job):
    return "We could not send it." if job.get_status() == "failed" else "Sent."


answer = tell


# %% wrong: is RQ's own word
def tell(job):
    return str(job.get_status())


answer = tell


# %% wrong: 'Your job is ….', with RQ's own word for the state in it
def tell(job):
    return f"Your job is {job.get_status().value}."


answer = tell


# %% wrong: 'queued' is RQ's own word
def tell(job):
    texts = {"finished": "Sent.", "failed": "Not sent.", "stopped": "Not sent.", "canceled": "Not sent."}
    return texts.get(job.get_status(), "Your message is queued.")


answer = tell


# %% wrong: since its job is failed, and its user is told
def tell(job):
    return "Your notification was sent."


answer = tell


# %% wrong: whose job is failed is told to wait for ever
def tell(job):
    return "We are working on it." if job.get_status() != "finished" else "Sent."


answer = tell


# %% wrong: whose job is stopped is told to wait for ever: 'Your notification is on its way.'. No worker
def tell(job):
    texts = {"finished": "Your notification was sent.", "failed": "We could not send your notification."}
    return texts.get(job.get_status().value, "Your notification is on its way.")


answer = tell


# %% wrong: since its job is failed, and its user is told: 'Sent'
def tell(job):
    return {"finished": "Your notification arrived.", "failed": "Sent"}.get(job.get_status().value, "Wait.")


answer = tell


# %% wrong: which is no text
def tell(job):
    if job.get_status() == "failed":
        return "We could not send it."


answer = tell


# %% wrong: Such a job has to be told of, too
def tell(job):
    return {"finished": "Sent.", "failed": "Not sent.", "queued": "Wait.", "started": "Wait."}[job.get_status().value]


answer = tell

# %% wrong: the function tell itself, which is not called; this is str 'Your notification was sent.'
answer = "Your notification was sent."
