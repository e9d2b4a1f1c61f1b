"""own-connection: a module that is imported before the fork, and gives each process a connection of its own."""

import os
from pathlib import Path
from types import ModuleType

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, token

HINTS = (
    "What is opened when the module is imported is shared by all forks. When else could it be opened?",
    "In the function that needs it, or once per process: os.getpid() tells processes apart.",
    "A function with @cache that takes os.getpid() and returns a client makes one for each process. Or drop "
    "single_connection_client=True: redis-py's pool looks at the process id itself.",
)

HORSES, ECHOES = 4, 200


def judge(answer: object, context: Context) -> str:
    expect(str, answer, 'the name of the file, "lab09_client.py"')
    assert isinstance(answer, str)
    file = Path(answer)
    if not file.is_file():
        raise NotYet(f"There is no file {answer} beside this notebook. Run the cell that writes it first.")
    before = _counted(context)
    first = trial.run(_in_worker, file, deadline=30)
    opened, echoes = (now - then for now, then in zip(_counted(context), before, strict=True))
    if first.error:
        raise NotYet(f"Imported in a worker, before it forks, it {first}.")
    wrong, errors = first.returned  # type: ignore[misc]
    if wrong or errors:
        seen = f"{wrong} of their answers belonged to somebody else" if wrong else "none of their answers was wrong"
        also = f", and {len(errors)} of them {errors[0]}" if errors else ""
        raise NotYet(
            f"Imported before the fork, and then used by {HORSES} work-horses at the same time: {seen}{also}. They still share "
            "one connection, which was opened before."
        )
    if echoes < HORSES * ECHOES:
        raise NotYet(
            f"others_answers should still ask Redis {ECHOES} times; {HORSES} work-horses asked {echoes} times in all."
        )
    if opened > 10 * HORSES:
        raise NotYet(
            f"Each answer is its owner's. But {opened} connections were opened for {echoes} calls; one per process will do."
        )
    return f"{HORSES} work-horses asked {echoes} times, and each answer was its owner's."


def _counted(context: Context) -> tuple[int, int]:
    """Connections that the server has accepted, and ECHOs that it has answered."""
    stats, calls = context.redis.info("stats"), context.redis.info("commandstats")
    return stats["total_connections_received"], calls.get("cmdstat_echo", {}).get("calls", 0)


def _in_worker(file: Path) -> tuple[int, list[str]]:
    """Import the file here, in the part of a worker, and use it in forks. Answers that were another's, and errors."""
    os.environ.setdefault("REDIS_URL", "")
    module = ModuleType(f"client_{token()}")
    module.__file__ = str(file)
    # Compiled here: a compiled file of the same second and size would pass for it.
    exec(compile(file.read_bytes(), file, "exec"), vars(module))
    seen = trial.together(module.others_answers, [(user,) for user in range(HORSES)], deadline=20)
    numbers = [one.returned for one in seen if not one.error]
    if not all(isinstance(number, int) for number in numbers):
        raise TypeError(f"others_answers should return a number, and returned {numbers[0]!r}")
    return sum(int(number) for number in numbers if isinstance(number, int)), [str(one) for one in seen if one.error]
