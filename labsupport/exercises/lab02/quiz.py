"""The questions before and after lab 02."""

from labsupport.exercises.quizzes.question import Asked, drawn

LENIENT = "depends_on=Dependency(jobs=[invoice], allow_failure=True)"


@drawn(jobs=(7, 10, 11, 13), workers=(3, 4), each=range(2, 7))
def seconds(jobs: int, workers: int, each: int) -> Asked:
    rounds = -(-jobs // workers)
    return Asked(
        f"{jobs} jobs wait in a queue. Each one waits {each} s for a provider, and does nothing else. {workers} workers, started "
        "with `rq worker`, have nothing else to do. After how many seconds is the last job done? Everything but the waiting "
        "takes no time.",
        right=f"{rounds * each}",
        why=f"A worker runs one job at a time, so {workers} workers need {rounds} rounds of {each} s.",
        wrong={
            f"{jobs * each}": "That is the time of one worker. Several workers run several jobs at the same time.",
            f"{jobs * each / workers!r}": "Two workers do not share one job. In the last round, some workers have none.",
        },
    )


@drawn(lenient=(False, True), last=("mail", "archive", "report"))
def dependency(lenient: bool, last: str) -> Asked:
    option = LENIENT if lenient else "depends_on=invoice"
    return Asked(
        f"Your code enqueues a job `invoice`, and then another: `{last} = queue.enqueue(send, {option})`. The job `invoice` "
        "fails for good. The function `send` itself cannot fail, and a worker is there that has nothing else to do. What is "
        f'the status of `{last}` in the end: `"queued"`, `"deferred"`, `"finished"`, `"failed"` or `"canceled"`?',
        right='"finished"' if lenient else '"deferred"',
        why="With `allow_failure=True` a job runs after a failure, too."
        if lenient
        else "It waits for a success of `invoice`, and no error tells you.",
        wrong={
            '"failed"': "Only `invoice` fails. RQ does not pass a failure on to the jobs that depend on it.",
            '"canceled"': "RQ cancels no job because another one has failed.",
        }
        | (
            {'"deferred"': "That is what happens without `allow_failure=True`."}
            if lenient
            else {
                '"finished"': "It runs only when `invoice` has finished, unless you write `allow_failure=True`.",
                '"queued"': "It comes into the queue only when `invoice` has finished.",
            }
        ),
    )


@drawn(jobs=range(6, 10), now=range(2, 5))
def sigterm(jobs: int, now: int) -> Asked:
    return Asked(
        f"One worker, started with `rq worker`, works on a queue of {jobs} jobs, and no job fails. While it runs job number "
        f"{now}, it gets one SIGTERM. Nothing else stops it. When the worker has ended, how many jobs are finished, and how many "
        "are in the queue? Give a list of two numbers: finished, in the queue.",
        right=f"[{now}, {jobs - now}]",
        why="After a SIGTERM, a worker finishes the job that it runs, and takes no other. The rest waits for the next worker.",
        wrong={
            f"[{now - 1}, {jobs - now + 1}]": "The job that runs is not put back. The worker finishes it first.",
            f"[{now - 1}, {jobs - now}]": "The job that runs is not lost. The worker finishes it first.",
            f"[{jobs}, 0]": "The worker finishes only the job that it runs, and takes no other.",
        },
    )


@drawn(running=("a", "b"), waiting=("c", "d"))
def canceled(running: str, waiting: str) -> Asked:
    kept, after = sorted({"a", "b", "c", "d"} - {running, waiting})
    return Asked(
        "Two workers run the jobs `a` and `b`. The jobs `c` and `d` wait in the queue. Now your code calls "
        f"`{running}.cancel()` and `{waiting}.cancel()`, and nothing else. The workers go on until the queue is empty. Which of "
        'the four jobs do all their work, from the start to the end? Give a set of letters, like `{"a", "d"}`.',
        right=f'{{"a", "b", "{after}"}}',
        why="`cancel()` takes a job that waits out of the queue. A job that runs goes on: `send_stop_job_command` stops it.",
        wrong={
            f'{{"{kept}", "{after}"}}': f"`{running}` runs, and `cancel()` stops no job that runs. `send_stop_job_command` does.",
            '{"a", "b", "c", "d"}': f"`{waiting}` waits, so `cancel()` takes it out of the queue.",
        },
    )


QUESTIONS = (seconds, dependency, sigterm, canceled)
