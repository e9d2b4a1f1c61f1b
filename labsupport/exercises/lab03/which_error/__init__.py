"""which-error, of 03-fail."""

from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.exercises.exercise import Bench, NotYet
from labsupport.exercises.judging import expect

HINTS = (
    "The job is in the variable mystery. Its latest result has the traceback, as a text.",
    "Print mystery.latest_result().exc_string, and read its last line.",
)


def judge(answer: object, bench: Bench) -> str:
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
