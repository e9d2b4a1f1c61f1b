"""Runs a reader's JavaScript for the judges: in processes of its own, with a deadline, with keys of the check's own."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.judging import expect, token
from labsupport.namespace import root
from labsupport.processes import node
from labsupport.processes.leash import Leashed
from labsupport.waiting import comes_true

DEADLINE = 12.0
"""Seconds that a script of the judge's may take with a reader's file; some are enough."""

HERE = Path(__file__).parent


def path_of(answer: object, name: str) -> Path:
    """The reader's file. name: the path that is asked for. Raises NotYet if there is no such file."""
    expect((str, Path), answer, f'the path of your file, "{name}"')
    if "\n" in str(answer):
        raise NotYet(f'This is a text of several lines. Give the path of the file that holds it: "{name}".')
    file = Path(answer)  # type: ignore[arg-type]
    try:
        if file.is_file():
            return file.resolve()
    except (OSError, ValueError):  # such as a name that is too long
        pass
    raise NotYet(f'There is no file {str(answer)[:60]!r}. Run the cell that writes it, and give its path: "{name}".')


@contextmanager
def own_keys(context: Context) -> Iterator[str]:
    """What the keys of BullMQ begin with during the block. They are deleted afterwards, so end the processes before."""
    prefix = f"{root()}check-bull-{token()}"
    try:
        yield prefix
    finally:
        for key in context.redis.scan_iter(match=f"{prefix}:*", count=1000):
            context.redis.unlink(key)


class Running:
    """A JavaScript file that runs. Use it in a `with`: it is killed at the end, with all that it has started."""

    def __init__(self, file: Path, prefix: str, context: Context, **more: str):
        """Start it. prefix: of BullMQ's keys. more: environment variables.

        Raises LabError if BullMQ is not set up.
        """
        self._log = context.folder / f"check-{token()}.log"
        env = {**node.environment(os.environ["REDIS_URL"], prefix), **more}
        # The leash starts in the lab's own folder; a reader's file may read others beside it.
        self._process = Leashed([node.node(), str(file)], log=self._log, env=env)

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_) -> None:
        self.end()
        self._log.unlink(missing_ok=True)

    @property
    def returncode(self) -> int | None:
        return self._process.poll()

    def end(self) -> None:
        self._process.end()

    def complaint(self) -> str:
        """The error that ended it, with its place: on one line; empty if there was none."""
        text = self._log.read_text(encoding="utf8", errors="replace")
        error = re.search(r"^(?:Uncaught )?(\w*(?:Error|Exception)\b.*)", text, flags=re.MULTILINE)
        if not error:  # what is thrown need not be an Error
            thrown = re.search(r"^ *\^+\n+(.+)", text, flags=re.MULTILINE)
            return thrown[1][:100] if thrown else ""
        place = re.search(r"^file://\S*/([^/\s]+:\d+)$", text, flags=re.MULTILINE)
        return f"{error[1][:160]}{f' ({place[1]})' if place else ''}"


def asked(script: str, prefix: str, context: Context, file: Path | None = None, **more: str) -> dict[str, Any]:
    """What a script of this folder answers.

    file: the reader's, which it imports. more: environment variables.

    Raises NotYet if the file ends it, keeps it from ending, or does not export what it should.
    """
    target = context.folder / f"check-{token()}.json"
    paths = {"ANSWER_FILE": str(target), "READERS_FILE": str(file or "")}
    try:
        with Running(HERE / script, prefix, context, **paths, **more) as running:
            in_time = comes_true(lambda: running.returncode is not None, within=DEADLINE)
            said = target.read_text(encoding="utf8") if target.exists() else ""
            if not said:
                _blame(running, file, in_time)
    finally:
        target.unlink(missing_ok=True)
    answer = json.loads(said)
    if "bad" in answer:
        _blame_exports(answer, file)
    return answer


def _blame(running: Running, file: Path | None, in_time: bool) -> None:
    """Raise what the reader should know of a script that did not answer."""
    if file is None:
        raise RuntimeError(f"a script of the kit failed: {running.complaint() or running.returncode}")
    if not in_time:
        raise NotYet(
            f"{file.name} was still at work after {DEADLINE:.0f} s, and was killed: is there a loop or an `await` that never "
            "ends?"
        )
    if complaint := running.complaint():
        raise NotYet(f"Node.js could not import {file.name}: {complaint}.{_advice(complaint)}")
    raise NotYet(f"{file.name} ended its whole process: does it call process.exit?")


def _advice(complaint: str) -> str:
    if re.search(r"\b(require|module|exports) is not defined", complaint):
        return " A file .mjs is a module: it has `import` and `export`, not `require` and `module.exports`."
    return ""


def _blame_exports(answer: dict[str, Any], file: Path | None) -> None:
    name = Path(file or "").name
    exports = ", ".join(answer["names"]) or "nothing"
    if answer["bad"] in answer["names"]:
        raise NotYet(f"In {name}, `{answer['bad']}` should be an object, {{ … }}; it is {answer['kind']}.")
    raise NotYet(
        f"{name} should export `{answer['bad']}`; it exports {exports}. Write: export const {answer['bad']} = {{ … }}"
    )
