"""A Node.js with BullMQ for tests: each test runs a few lines of JavaScript in it, against a server of the test's own."""

import json
import os
import select
import subprocess
import time
from pathlib import Path
from typing import Any

from labsupport.processes import node

HARNESS = Path(__file__).with_name("harness.mjs")


class JavaScriptError(Exception):
    """What the code threw."""


class Bullmq:
    """One process, which runs one piece of code after the other."""

    def __init__(self, url: str, prefix: str = "bull"):
        self._environment = node.environment(url, prefix)
        self._process = self._started()

    def _started(self) -> subprocess.Popen:
        return self.start(HARNESS.read_text(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def start(self, code: str, **pipes: Any) -> subprocess.Popen:
        """Run a module in a process of its own, for one that is killed. Its first line of output is to be awaited."""
        command = [node.node(), "--input-type=module", "--eval", code]
        return subprocess.Popen(command, env=self._environment, **pipes)

    def run(self, code: str, timeout: float = 90, **values: object) -> Any:
        """What the code returns, as JSON can carry it.

        code: the body of an async function. It has all that BullMQ exports; `Queue`, `Worker`, `QueueEvents`, `FlowProducer`
            use the test's server, and are closed afterwards. `until(condition)` waits, and `values` are there by their names.

        Raises JavaScriptError for what it throws, TimeoutError if it takes longer than so many seconds.
        """
        if self._process.poll() is not None:
            self._process = self._started()
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"code": code, "values": values}).encode() + b"\n")
        self._process.stdin.flush()
        said = b""
        end = time.monotonic() + timeout
        while not said.endswith(b"\n"):
            if not select.select([self._process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                self.close()
                raise TimeoutError(f"still running after {timeout} s:\n{code}")
            chunk = os.read(self._process.stdout.fileno(), 65536)
            if not chunk:
                raise JavaScriptError("the process has died")
            said += chunk
        answer = json.loads(said)
        if "error" in answer:
            raise JavaScriptError(answer["error"])
        return answer.get("returned")

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
