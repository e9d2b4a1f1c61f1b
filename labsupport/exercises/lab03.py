"""The exercises of 03-fail."""

from collections.abc import Callable
from dataclasses import asdict

from rq import Queue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from labsupport.exercises import Bench, Exercise, NotYet, expect
from labsupport.notifications.provider import Provider


def _which_error(answer: object, bench: Bench) -> str:
    expect(str, answer, "the exception's name, as a text")
    mysteries = bench.attempts().query("function == 'json.loads'")
    if mysteries.empty:
        raise NotYet("Run the cell above first: it makes the job that fails.")
    job = Job.fetch(mysteries["job"].iloc[-1], connection=bench.redis, serializer=JSONSerializer)
    last = job.latest_result().exc_string.strip().splitlines()[-1]
    path = last.partition(":")[0]
    if answer in (path, path.rpartition(".")[2]):
        return f"The last line of its traceback: {last}"
    if answer.strip() == last:
        raise NotYet("That is the whole last line. The exception's name is what stands before the colon.")
    if "Traceback" in answer:
        raise NotYet("That is the whole traceback. Its last line begins with the exception's name.")
    if answer == job.get_status().value:
        raise NotYet(f"`{answer}` is the job's status: that it failed. Why it failed is in its latest result.")
    raise NotYet(f"It was not {answer!r}. The last line of mystery.latest_result().exc_string names it.")


def _let_it_out(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function deliver")
    provider = Provider(bench.redis)
    before = provider.behaviour()
    try:
        provider.behave(down=True)
        try:
            returned = answer("while the provider is down")
        except Exception as error:
            raised = type(error).__name__
        else:
            raise NotYet(
                f"The provider was down, and deliver returned {returned!r}. For RQ a job that returns, whatever it "
                "returns, is finished: no retry, no alarm. Let the error out."
            )
        provider.behave()
        sent = len(provider.delivered())
        try:
            returned = answer("while the provider is up")
        except Exception as error:
            raise NotYet(f"The provider was up, and deliver raised {type(error).__name__}: {error}.") from None
        if len(provider.delivered()) == sent:
            raise NotYet("The provider was up, and nothing was delivered.")
        if returned is not True:
            raise NotYet(f"The message was delivered, and deliver returned {returned!r} instead of True.")
        return f"Down, it raises {raised}, so RQ can retry and count it. Up, it delivers."
    finally:
        provider.behave(**asdict(before))


def _tell_the_user(answer: object, bench: Bench) -> str:
    expect(Callable, answer, "the function tell")
    queue = Queue("notification-queue", connection=bench.redis, serializer=JSONSerializer)
    failed, finished = queue.failed_job_registry.get_job_ids(), queue.finished_job_registry.get_job_ids()
    if not failed or not finished:
        raise NotYet("There is no failed and no finished job to tell of. Run the cells of the first section.")
    waiting, running = (queue.enqueue("operator.truth", 1) for _ in range(2))
    running.set_status(JobStatus.STARTED)
    try:
        texts = {}
        ended = Job.fetch_many([*failed, finished[0]], connection=bench.redis, serializer=JSONSerializer)
        for job in [*ended, waiting, running]:
            text = answer(job)
            if not isinstance(text, str) or not text.strip():
                raise NotYet(f"For a job that is {job.get_status().value}, tell returned {text!r}, which is no text.")
            if text.lower().removeprefix("jobstatus.") == job.get_status().value:
                raise NotYet(f"{text!r} is RQ's own word. What does it mean for the user?")
            texts[job.get_status().value] = text
            if job.get_status() == "failed":
                _gives_nothing_away(text, job)
        if texts["failed"] == texts["finished"]:
            raise NotYet(
                f"A user whose notification failed is told the same as one whose was sent: {texts['failed']!r}."
            )
        if texts["finished"] in (texts["queued"], texts["started"]):
            raise NotYet(f"A user whose notification is not sent yet is told that it was: {texts['finished']!r}.")
        if texts["failed"] in (texts["queued"], texts["started"]):
            raise NotYet(f"A user whose notification failed is told to wait for ever: {texts['failed']!r}.")
        return f"{len(failed)} failed jobs, and no text gave away why. A failed one reads: {texts['failed']}"
    finally:
        for job in (waiting, running):
            job.delete()


def _gives_nothing_away(text: str, job: Job) -> None:
    error = job.latest_result().exc_string.strip()
    last = error.splitlines()[-1]
    for secret in ("Traceback", 'File "', last, last.partition(":")[0], last.partition(": ")[2], job.func_name):
        if secret and secret in text:
            raise NotYet(f"The text for a failed job gives {secret.strip()!r} away. That is for you, not for the user.")


EXERCISES = (
    Exercise(
        name="which-error",
        stub="""
answer = ...
""",
        hints=(
            "The job is in the variable mystery. Its latest result has the traceback, as a text.",
            "Print mystery.latest_result().exc_string, and read its last line.",
        ),
        solution="""
last_line = mystery.latest_result().exc_string.strip().splitlines()[-1]
answer = last_line.split(":")[0]
""",
        wrong={
            "answer = mystery.get_status().value": "is the job's status",
            "answer = mystery.latest_result().exc_string": "the whole traceback",
            "answer = mystery.latest_result().exc_string.strip().splitlines()[-1]": "the whole last line",
            'answer = "TypeError"': "It was not 'TypeError'",
        },
        judge=_which_error,
    ),
    Exercise(
        name="let-it-out",
        stub="""
def deliver(message):
    try:
        provider.send(message)
        return True
    except Exception as error:
        print("could not send:", error)
        return False


answer = ...  # when you have fixed it: answer = deliver
""",
        hints=(
            "What does RQ do with a job that returns False?",
            "RQ logs the exception by itself. Which lines of deliver does nobody need?",
        ),
        solution="""
def deliver(message):
    provider.send(message)
    return True


answer = deliver
""",
        wrong={
            """
def deliver(message):
    try:
        provider.send(message)
        return True
    except Exception as error:
        print("could not send:", error)
        return False


answer = deliver
""": "deliver returned False",
            """
def deliver(message):
    try:
        provider.send(message)
    finally:
        return True


answer = deliver
""": "deliver returned True. For RQ a job that returns",
            """
def deliver(message):
    try:
        provider.send(message)
    except Exception:
        raise


answer = deliver
""": "deliver returned None instead of True",
            """
def deliver(message):
    raise RuntimeError("could not send")


answer = deliver
""": "The provider was up, and deliver raised",
        },
        judge=_let_it_out,
    ),
    Exercise(
        name="tell-the-user",
        stub="""
def tell(job):
    return f"{job.get_status().value}: {job.latest_result() and job.latest_result().exc_string}"


answer = ...  # when you have fixed it: answer = tell
""",
        hints=(
            "The status is all that is needed. Which texts belong to finished, to failed, and to the rest?",
            "A dictionary from status to text, and .get with a text for everything else.",
        ),
        solution="""
TEXTS = {
    "finished": "Your notification was sent.",
    "failed": "We could not send your notification. We have been told, and look into it.",
}


def tell(job):
    return TEXTS.get(job.get_status().value, "Your notification is on its way.")


answer = tell
""",
        wrong={
            """
def tell(job):
    return f"{job.get_status().value}: {job.latest_result() and job.latest_result().exc_string}"


answer = tell
""": "away. That is for you",
            """
def tell(job):
    if job.get_status() == "failed":
        return "Not sent: " + job.latest_result().exc_string.strip().splitlines()[-1].split(":")[-1]
    return "Sent."


answer = tell
""": "'division by zero' away",
            """
def tell(job):
    return str(job.get_status())


answer = tell
""": "is RQ's own word",
            """
def tell(job):
    return "Your notification was sent."


answer = tell
""": "is told the same as one whose was sent",
            """
def tell(job):
    return "We are working on it." if job.get_status() != "finished" else "Sent."


answer = tell
""": "is told to wait for ever",
            """
def tell(job):
    if job.get_status() == "failed":
        return "We could not send it."


answer = tell
""": "which is no text",
        },
        judge=_tell_the_user,
    ),
)
