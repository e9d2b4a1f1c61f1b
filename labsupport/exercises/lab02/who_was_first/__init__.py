"""who-was-first, of 02-process."""

from labsupport.exercises.exercise import Bench, NotYet

HINTS = (
    "Look at the figure: which bar is the last to end?",
    "`two` has the attempts with two workers, in the order of their ends. What was done with `one` to get its ids?",
)


ORDER = ["quick-1", "quick-2", "quick-3", "slow"]


def judge(answer: object, bench: Bench) -> str:
    if not isinstance(answer, list):
        raise NotYet('The answer should be a list of ids, such as ["slow", …]; the attempts are in `two`.')
    attempts = bench.attempts()
    two = attempts[attempts["job"].isin(ORDER)].tail(4)
    ended = two.sort_values("ended")["job"].tolist()
    if answer == ended:
        return f"{ended[-1]} was first in line, and last to end."
    if answer == two.sort_values("enqueued")["job"].tolist():
        raise NotYet("That is the order of enqueueing, and with one worker they ended like that too. Look at `two`.")
    raise NotYet(f"They ended in another order than {answer}. `two` has a row per attempt, in the order of their ends.")
