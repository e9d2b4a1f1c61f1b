"""Errors as a reader meets them: what is wrong, and the mend, in one or two lines."""

import redis.exceptions


class LabError(Exception):
    """Something the reader can mend. The message says what is wrong and what to do."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows these lines instead of a traceback."""
        return [str(self)]


def explain_outages(shell, address) -> None:
    """Let `shell` (an IPython shell) show a lost Redis in two lines instead of a traceback.

    address: a function without arguments that names the server, as `127.0.0.1:6379`.
    """

    def show(shell, kind, error, traceback, tb_offset=None):
        lines = [
            f"Redis at {address()} did not answer: {error}",
            "Run the set-up cell again. If it is a server of your own, see that it runs first.",
        ]
        # ipykernel's own way to send an error to the notebook, so that Run All stops here.
        shell._showtraceback(kind, error, lines)
        return lines

    shell.set_custom_exc((redis.exceptions.ConnectionError, redis.exceptions.TimeoutError), show)
