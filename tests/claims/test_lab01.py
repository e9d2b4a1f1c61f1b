"""What 01-enqueue says of RQ and Redis, and does not show itself."""

import logging
import pickle
import sqlite3
import time
import zlib

import pytest
import redis
from rq import Queue, SimpleWorker, get_current_job
from rq.exceptions import DuplicateJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from labsupport.measure import peek

YEAR = 365 * 24 * 3600

read: list[str] = []


def filled_fields() -> list[str]:
    job = get_current_job()
    return [name.decode() for name, value in job.connection.hgetall(job.key).items() if value]


def patient(timeout: int) -> int:
    return timeout


def rows(database: str) -> int:
    with sqlite3.connect(database) as connection:
        return connection.execute("SELECT count(*) FROM users").fetchone()[0]


def fail() -> None:
    raise ValueError


def note(word: str) -> None:
    read.append(word)


class Surprise:
    def __reduce__(self):
        return note, ("read",)


def work_off(queue: Queue) -> None:
    """In this process, which is quick."""
    SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer).work(
        burst=True, logging_level="ERROR"
    )


def path(function) -> str:
    return f"{__name__}.{function.__name__}"


def test_a_worker_that_runs_on_sees_new_code(lab, queue, tmp_path, monkeypatch):
    """01: "A worker that already runs finds new code, too: it starts a process for every job, and that one imports the
    function"."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    module = tmp_path / "claim_greetings.py"
    greetings = []
    with lab.workers(queue):
        for word in ("Hello", "Good day to you"):  # of another length, or Python may take the compiled one
            module.write_text(f"def greet():\n    return {word!r}\n")
            job = queue.enqueue("claim_greetings.greet")
            lab.wait(job)
            greetings.append(job.return_value())
    assert greetings == ["Hello", "Good day to you"]


def test_a_deploy_that_renames_or_takes_an_argument_away_breaks_waiting_jobs(queue):
    """01: "It breaks them if it renames the function, or takes an argument away"."""
    renamed, changed = queue.enqueue(f"{__name__}.no_more"), queue.enqueue(path(fail), "an argument")
    work_off(queue)
    assert renamed.latest_result().exc_string.splitlines()[-1] == "ValueError: Invalid attribute name: no_more"
    assert changed.latest_result().exc_string.splitlines()[-1].startswith("TypeError: fail() takes 0 positional")


def test_a_path_without_a_module_is_a_builtin(queue):
    """any-function: "RQ looks for a built-in function of that name"."""
    builtin, other = queue.enqueue("sum", [2, 4, 9]), queue.enqueue("mean", [2, 4, 9])
    work_off(queue)
    assert builtin.return_value() == 15
    assert other.latest_result().exc_string.splitlines()[-1] == "ValueError: Invalid attribute name: mean"


def test_a_function_that_was_called_by_mistake_is_an_attribute_error(queue):
    """second-job and any-function, hints: "An AttributeError about `__module__` says that you called it"."""
    for returned in (True, 5):
        with pytest.raises(AttributeError, match="__module__"):
            queue.enqueue(returned)


def test_what_a_job_hash_holds(queue, caplog):
    """01: "`data` is the path and the arguments; RQ stores it compressed", "The hash has 15 fields", "`description` is
    what logs and dashboards show, and you can choose it", "The table leaves out the empty ones, such as `started_at`,
    `worker_name` and `ended_at`: a worker fills these in"."""
    job = queue.enqueue(path(filled_fields), description="Welcome, Ada")
    fields = queue.connection.hgetall(job.key)
    assert len(fields) == 15
    assert JSONSerializer.loads(zlib.decompress(fields[b"data"])) == [path(filled_fields), None, [], {}]
    empty = {"started_at", "worker_name", "ended_at"}
    assert all(fields[name.encode()] == b"" for name in empty)
    assert not empty & set(peek.job_hash(job).index)
    with caplog.at_level(logging.INFO, logger="rq.worker"):
        SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)
    assert f"notification-queue: Welcome, Ada ({job.id})" in caplog.text
    assert empty & set(job.return_value()) == {"started_at", "worker_name"}
    assert queue.connection.hget(job.key, "ended_at")


def test_a_hash_with_notes_has_one_field_more(queue):
    """01: "The hash has one field more: `meta`, where a function may keep notes. `send_notification` counts its attempts
    there"."""
    job = queue.enqueue("labsupport.notifications.processor.send_notification", {"message": "Hi"})
    before = set(queue.connection.hkeys(job.key))
    work_off(queue)
    assert set(queue.connection.hkeys(job.key)) - before == {b"meta"}
    assert job.get_meta() == {"attempts": 1}


def test_states_have_registries_and_the_score_of_a_finished_job_is_its_expiry(queue):
    """01: "RQ calls it a registry, and nearly every state but queued has one. The score is the time when the result
    expires"."""
    for state in ("started", "finished", "failed", "deferred", "scheduled", "canceled"):
        assert getattr(queue, f"{state}_job_registry").count == 0
    job = queue.enqueue("operator.truth", 1)
    work_off(queue)
    assert queue.connection.zscore(queue.finished_job_registry.key, job.id) - time.time() == pytest.approx(500, abs=60)


def test_a_transaction_without_its_exec_leaves_nothing(lab, queue):
    """01: "A program that dies before the second `EXEC` leaves no job"."""
    dying = lab.redis.connection_pool.make_connection()
    for command in (["MULTI"], ["HSET", f"{queue.key}:job", "status", "queued"], ["RPUSH", queue.key, "an-id"]):
        dying.send_command(*command)
        dying.read_response()
    dying.disconnect()
    assert not lab.redis.exists(queue.key, f"{queue.key}:job")


def test_an_id_is_letters_digits_and_two_signs(queue):
    """one-reminder: the error that an id with a colon gets."""
    queue.enqueue("operator.truth", 1, job_id="Ada_17-b")
    for wrong in ("ada:17", "ada 17", "ada.17"):
        with pytest.raises(ValueError, match="Job ID must only contain"):
            queue.enqueue("operator.truth", 1, job_id=wrong)


@pytest.mark.parametrize(
    ("function", "options", "seconds"),
    [("operator.truth", {}, 500), (path(fail), {}, YEAR), (path(fail), {"failure_ttl": 60}, 60)],
    ids=["succeeds", "fails", "fails-failure-ttl"],
)
def test_unique_keeps_out_as_long_as_the_first_is_known(queue, function, options, seconds):
    """01: "as long as Redis knows the first job. After a success that is 500 s. After a failure it is a year."
    01: "A job that fails stays for a year, unless you give a `failure_ttl`"."""
    arguments = (1,) if function == "operator.truth" else ()
    job = queue.enqueue(function, *arguments, job_id="reminder-ada", unique=True, **options)
    work_off(queue)
    assert queue.connection.ttl(job.key) == pytest.approx(seconds, abs=60)
    with pytest.raises(DuplicateJobError):
        queue.enqueue(function, job_id="reminder-ada", unique=True)
    queue.connection.delete(job.key)
    queue.enqueue(function, job_id="reminder-ada", unique=True)


def test_of_two_at_the_front_the_last_is_first(queue):
    """01: "Of two with `at_front=True`, the later one would be first"."""
    for name in ("one", "two"):
        queue.enqueue("operator.truth", 1, job_id=name, at_front=True)
    assert queue.job_ids == ["two", "one"]


def test_a_function_with_an_argument_timeout_takes_it(queue):
    """01: "A function that has one would take it. The job would then run with the default limit of 180 s"."""
    job = queue.enqueue(path(patient), timeout=1)
    work_off(queue)
    assert (job.return_value(), job.timeout) == (1, 180)


def test_round_trips(queue, monkeypatch):
    """01: "Each `enqueue` is two round trips to Redis; `enqueue_many` makes one for all jobs"."""
    sent = []
    send = redis.connection.AbstractConnection.send_packed_command
    queue.enqueue("operator.truth", 1)  # RQ asks once for the server's version
    monkeypatch.setattr(
        redis.connection.AbstractConnection,
        "send_packed_command",
        lambda *args, **kw: sent.append(1) or send(*args, **kw),
    )
    queue.enqueue("operator.truth", 1)
    assert len(sent) == 2
    queue.enqueue_many([Queue.prepare_data("operator.truth", (1,)) for _ in range(100)])
    assert len(sent) == 3


def test_prepare_data_has_other_options(queue):
    """01: "`prepare_data` takes `job_id`, too. Its `args` is a *tuple*, and it calls the time limit `timeout`".
    01: "`enqueue_many` has no `unique`. Called twice with the same ids, it puts each into the line twice"."""
    for option in ({"job_timeout": 5}, {"unique": True}):
        with pytest.raises(TypeError, match="unexpected keyword argument"):
            Queue.prepare_data("operator.truth", (1,), **option)
    for _ in range(2):
        jobs = queue.enqueue_many(Queue.prepare_data("operator.truth", (1,), timeout=5, job_id=one) for one in "ab")
    assert [job.timeout for job in jobs] == [5, 5]
    assert queue.job_ids == ["a", "b", "a", "b"]


def test_pickle_is_the_default_and_runs_when_a_job_is_only_shown(lab):
    """01: "RQ's default is Python's pickle". 01: "reading runs it: in the worker, and in a dashboard that only shows a
    job"."""
    plain = Queue("plain", connection=lab.redis)
    job = plain.enqueue("operator.truth", Surprise())
    assert pickle.loads(zlib.decompress(lab.redis.hget(job.key, "data")))[0] == "operator.truth"
    read.clear()
    assert Job.fetch(job.id, connection=lab.redis).func_name == "operator.truth"
    assert read == ["read"]


def test_a_worker_is_faster_than_the_commit(queue, tmp_path):
    """01: "Others see a new row of a database only when it is committed. A worker can be faster than your commit, and then
    finds nothing"."""
    database = str(tmp_path / "users.db")
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")  # as big databases do: readers see what was committed, and don't wait
    connection.execute("CREATE TABLE users (name TEXT)")
    found = []
    for _ in range(2):
        connection.execute("BEGIN")
        connection.execute("INSERT INTO users VALUES ('Ada')")
        if found:  # the cure
            connection.execute("COMMIT")
        job = queue.enqueue(path(rows), database)
        work_off(queue)
        found.append(job.return_value())
        if len(found) == 1:
            connection.execute("ROLLBACK")
    connection.close()
    assert found == [0, 1]
