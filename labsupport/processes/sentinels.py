"""A primary, its replica and three Sentinels on loopback: what a team runs so that one machine may die.

Five servers with one password, each on a leash, in one folder. Read from the documentation of Sentinel
(https://redis.io/docs: High availability with Redis Sentinel) and valkey 9.1.
"""

import contextlib
import secrets
import shutil
import signal
import sys

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from labsupport.processes import folders
from labsupport.processes.leash import Leashed
from labsupport.processes.redis_server import EmbeddedServer, free_port, lets_in
from labsupport.waiting import wait_until

NAME = "jobs"
"""What the Sentinels call the primary, whichever server that is."""

QUORUM = 2
"""Sentinels that must find the primary down, of three."""

DOWN_AFTER = 1.0
"""Seconds without an answer after which a Sentinel takes a server for down. (Sentinel's own default: 30.)"""

QUICK = ("SENTINEL", "DEBUG", "PUBLISH-PERIOD", "200", "INFO-PERIOD", "1000")
"""Lets Sentinels tell each other of themselves sooner than every 2 s, and ask servers sooner than every 10 s, so that a
group is ready soon. How they find a server down, vote and promote stays as it is."""


class SentinelGroup:
    """`primary`, `replica` and `sentinels`, each an EmbeddedServer. They keep these names when their roles change.

    config: lines of valkey.conf for primary and replica, such as {"min-replicas-to-write": "1"}.
    cable: the replica and the Sentinels reach the primary by a cable that `cut_off` cuts.

    Raises LabError if one of them does not start; nothing is left of them then.
    """

    def __init__(self, config: dict[str, str] | None = None, *, cable: bool = False):
        self.folder = folders.make()
        self._password = secrets.token_hex(8)
        self._cable: Leashed | None = None
        self._servers: list[EmbeddedServer] = []
        try:
            self._start(config or {}, cable)
        except BaseException:
            self.close()
            raise

    def _start(self, config: dict[str, str], cable: bool) -> None:
        announced = {"replica-announce-ip": "127.0.0.1", "masterauth": self._password, "repl-diskless-sync-delay": "0"}
        self.primary = self._server("primary", announced | config)
        self._port = self.primary.port
        if cable:
            self._port = free_port()
            log = self.folder / "cable.log"
            words = [sys.executable, "-m", "labsupport.processes.cable", str(self._port), str(self.primary.port)]
            self._cable = Leashed(words, log=log, remove=self.folder)
            wait_until(lambda: lets_in(self._cabled), lambda: "the cable is starting", timeout=30)
            # Should it become a replica, this is where the Sentinels know it.
            self.primary.redis.config_set("replica-announce-port", self._port)
        self.replica = self._server("replica", announced | config | {"replicaof": f"127.0.0.1 {self._port}"})
        watch = {
            "sentinel monitor": f"{NAME} 127.0.0.1 {self._port} {QUORUM}",
            "sentinel auth-pass": f"{NAME} {self._password}",
            "sentinel down-after-milliseconds": f"{NAME} {DOWN_AFTER * 1000:.0f}",
            "sentinel failover-timeout": f"{NAME} 5000",
        }
        self.sentinels = [self._server(f"sentinel-{n}", watch, "--sentinel") for n in (1, 2, 3)]
        for sentinel in self.sentinels:
            sentinel.redis.execute_command(*QUICK)
        wait_until(self._ready, lambda: "the Sentinels are finding each other", timeout=30)

    def _server(self, name: str, config: dict[str, str], *flags: str) -> EmbeddedServer:
        files = {"dbfilename": f"{name}.rdb"}
        self._servers.append(
            EmbeddedServer(files | config, self.folder, name=name, password=self._password, flags=flags)
        )
        return self._servers[-1]

    @property
    def _cabled(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self._port}"

    def _ready(self) -> bool:
        """The replica has all data, and each Sentinel knows the replica and the two other Sentinels."""
        with redis.Redis.from_url(self.replica.url) as replica:  # `EmbeddedServer.redis` refuses one that is read-only
            if replica.info("replication")["master_link_status"] != "up":
                return False
        known = [sentinel.redis.sentinel_master(NAME) for sentinel in self.sentinels]
        return all((one["num-slaves"], one["num-other-sentinels"]) == (1, 2) for one in known)

    @property
    def settings(self) -> dict[str, str]:
        """Environment variables that tell the notification service of it. The host of REDIS_URL is a name here."""
        addresses = ",".join(f"127.0.0.1:{one.port}" for one in self.sentinels)
        return {
            "REDIS_URL": f"redis://:{self._password}@{NAME}",
            "REDIS_SENTINELS": addresses,
            "REDIS_SENTINEL_PASSWORD": self._password,
        }

    @property
    def sentinel(self) -> redis.Sentinel:
        """A client of the Sentinels: `sentinel.master_for("jobs")` is one of whoever is the primary then.

        It tries once, and waits for a second at most.
        """
        once = {"password": self._password, "socket_timeout": 1, "retry": Retry(NoBackoff(), 0)}
        return redis.Sentinel([("127.0.0.1", one.port) for one in self.sentinels], sentinel_kwargs=once, **once)

    def kill_primary(self) -> None:
        """SIGKILL, as when its machine goes down."""
        self.primary.kill()

    def cut_off(self) -> None:
        """Cut the cable: the replica and the Sentinels hear nothing of the primary any more, and it nothing of them.

        Whoever asks the primary at its own port, as its clients in the same rack would, still reaches it.
        """
        self._cable.signal(signal.SIGSTOP)

    def heal(self) -> None:
        """Let the cable work again. The Sentinels then make the old primary a replica of the new one."""
        self._cable.signal(signal.SIGCONT)

    def wait_for_failover(self, timeout: float = 30) -> None:
        """Return when all Sentinels that answer name the replica as the primary. Raises LabError after `timeout` seconds.

        All: each learns of it at its own time, and a client that asks one that does not know would get the old primary.
        """

        def promoted() -> bool:
            named = set()
            for one in self.sentinel.sentinels:
                with contextlib.suppress(redis.ConnectionError, redis.TimeoutError):
                    named.add(one.sentinel_get_master_addr_by_name(NAME)[1])
            return named == {self.replica.port}

        wait_until(promoted, lambda: "the Sentinels are choosing a new primary", timeout)

    def close(self) -> None:
        """End all of them, and delete their folder."""
        if self._cable:
            self._cable.end()
        for server in self._servers:
            server.close()
        shutil.rmtree(self.folder, ignore_errors=True)
