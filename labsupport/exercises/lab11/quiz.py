"""The questions before and after lab 11."""

from labsupport.exercises.quizzes.question import Asked, drawn


@drawn(attempts=range(3, 6), delay=(1000, 2000, 3000, 5000))
def the_same_in_rq(attempts: int, delay: int) -> Asked:
    pauses = [delay * 2**n // 1000 for n in range(attempts)]
    right, one_more = pauses[:-1], f"Retry(max={attempts}, interval={pauses})"
    milliseconds = [1000 * pause for pause in right]
    return Asked(
        f"A job of BullMQ has `{{ attempts: {attempts}, backoff: {{ type: 'exponential', delay: {delay} }} }}`. Write the "
        "`Retry` with which RQ makes as many attempts, with the same pauses between them. In a notebook, run "
        "`from rq import Retry` first.",
        right=f"Retry(max={attempts - 1}, interval={right})",
        why="`attempts` counts the first attempt, and `max` does not. RQ takes the pauses as a list, in seconds.",
        wrong={
            one_more: "That is one attempt too many: `attempts` counts the first attempt, and `max` does not.",
            f"Retry(max={attempts - 1}, interval={milliseconds})": "RQ's pauses are in seconds, and BullMQ's in milliseconds.",
            f"Retry(max={attempts - 1}, interval={right[0]})": "A single number is the same pause each time: RQ doubles nothing.",
        },
    )


@drawn(times=range(2, 7))
def an_id_again(times: int) -> Asked:
    return Asked(
        f"You choose a new id, and add a job with it {times} times. Errors are caught, and no worker runs. Then a worker starts. "
        "How many times does it run a job with this id? Give a list of three numbers: for BullMQ with `jobId`, for RQ with "
        "`job_id`, and for RQ with `job_id` and `unique=True`.",
        right=f"[1, {times}, 1]",
        why="BullMQ ignores the later ones, without an error. RQ puts the id into the list each time, but with `unique=True` it "
        "raises an error.",
        wrong={
            f"[{times}, {times}, 1]": "BullMQ ignores a job with an id that Redis has.",
            "[1, 1, 1]": "By itself, RQ overwrites the job's data and puts the id into the list once more, so it runs again.",
            f"[{times}, 1, 1]": "It is the other way round: BullMQ ignores the later ones, and RQ runs the job each time.",
        },
    )


@drawn(processes=(2, 3, 4), concurrency=range(5, 12))
def stands_still(processes: int, concurrency: int) -> Asked:
    jobs = processes * concurrency
    return Asked(
        f"{processes} processes each run one BullMQ worker with `concurrency: {concurrency}` and an `async` processor. All "
        f"{jobs} jobs have begun, and wait for a provider's answer. Then one of them computes for ten seconds without a pause. "
        f"How many of the other {jobs - 1} jobs cannot go on in these ten seconds, even if their answer is there?",
        right=f"{concurrency - 1}",
        why="All jobs of one process share one thread, and other processes go on. In RQ each worker has one job, so no other "
        "job would stand still.",
        wrong={
            "0": "That is so in RQ. A BullMQ worker runs its jobs in one thread, which computes one thing at a time.",
            f"{jobs - 1}": "Only the process that computes stands still. The others go on.",
            f"{concurrency}": "One of these is the job that computes, and the question is about the others.",
        },
    )


@drawn(attempts=range(3, 9))
def killed_each_time(attempts: int) -> Asked:
    return Asked(
        "A job lets its worker die, with all its processes, each time that it runs. There are always other workers, which "
        f"find such jobs. How many times does the job begin? Give a list of two numbers: for BullMQ with "
        f"`attempts: {attempts}` and the defaults of the worker, and for RQ with `retry=Retry(max={attempts - 1})`.",
        right=f"[2, {attempts}]",
        why="BullMQ puts such a stalled job back once, whatever `attempts` says, and then it fails. In RQ each death uses up a "
        "retry.",
        wrong={
            f"[{attempts}, {attempts}]": "BullMQ does not count deaths as attempts. It puts a stalled job back once, and then it "
            "fails.",
            "[2, 1]": "RQ runs the job of a dead worker again while it has a retry left.",
            f"[1, {attempts}]": "BullMQ puts the job of a dead worker back: once.",
            f"[2, {attempts - 1}]": "`max` counts the retries, and the first run is not one of them.",
        },
    )


QUESTIONS = (the_same_in_rq, an_id_again, stands_still, killed_each_time)
