"""docker-compose.yml, really run, and a lab on it: `make test-docker`.

Needs a Docker engine, which a fresh machine does not have: a marker keeps it out of `make test`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import httpx
import psutil
import pytest
from packaging.requirements import Requirement
from redis import Redis
from redis.exceptions import AuthenticationError, OutOfMemoryError, RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from labsupport.commands.docker import start as start_docker
from labsupport.errors import LabError
from labsupport.paths import CHECKOUT
from labsupport.processes.redis_server import free_port
from tests.kernels import SET_UP, soon

pytestmark = pytest.mark.needs_docker


def docker(*words: str) -> str:
    run = subprocess.run(["docker", *words], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def compose(*words: str) -> str:
    command = ["docker", "compose"] if _has_plugin() else ["docker-compose"]
    run = subprocess.run([*command, *words], cwd=CHECKOUT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def _has_plugin() -> bool:
    return subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0


@pytest.fixture(scope="module", autouse=True)
def project():
    """Names and ports of the tests' own: `down --volumes` must not meet what a person keeps in theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMPOSE_PROJECT_NAME", "jobs-lab-test")
        patch.setenv("API_PORT", str(free_port()))
        patch.setenv("REDIS_PORT", str(free_port()))
        patch.setenv("PROMETHEUS_PORT", str(free_port()))
        yield


@pytest.fixture
def url(monkeypatch):
    monkeypatch.setenv("REDIS_PORT", str(free_port()))
    yield start_docker()
    compose("down", "--volumes")


def containers(service: str) -> list[str]:
    """Names, also of those that are stopped."""
    ours = [f"--filter=label=com.docker.compose.{label}" for label in (f"service={service}", "project=jobs-lab-test")]
    return docker("ps", "--all", "--format", "{{.Names}}", *ours).split()


def container() -> str:
    (name,) = containers("redis")
    return name


def test_up_a_second_time_is_the_same(url):
    assert start_docker() == url


def test_loopback_only(url):
    port = int(url.rpartition(":")[2])
    listening = {c.laddr.ip for c in psutil.net_connections() if c.status == "LISTEN" and c.laddr.port == port}
    assert listening == {"127.0.0.1"}


def test_a_password_is_asked_for_and_not_shown(url):
    assert Redis.from_url(url).ping()
    with pytest.raises(AuthenticationError):
        Redis.from_url(url.replace(":development@", "")).ping()
    commands = docker("top", container(), "-eo", "pid,args")
    assert "redis-server" in commands
    assert "development" not in commands


def test_a_password_of_ones_own(url, monkeypatch):
    monkeypatch.setenv("REDIS_PASSWORD", "ofmyown")
    assert start_docker() == url.replace("development", "ofmyown")
    assert Redis.from_url(start_docker()).ping()
    with pytest.raises(AuthenticationError):
        Redis.from_url(url).ping()


def test_redis_may_do_little(url):
    pid = inspect(container(), ".State.Pid")
    status = Path(f"/proc/{pid}/status").read_text()
    assert re.search(r"NoNewPrivs:\t1\n", status)
    kept = int(re.search(r"CapBnd:\t(\w+)\n", status).group(1), 16)
    assert kept == 1 << 0 | 1 << 6 | 1 << 7  # CHOWN, SETGID, SETUID
    may_write = subprocess.run(
        ["docker", "exec", container(), "sh", "-c", "echo > /tmp/x || echo > /x"], capture_output=True
    )
    assert may_write.returncode != 0
    assert Redis.from_url(url).execute_command("BGREWRITEAOF")  # it still writes its data


def test_jobs_survive_a_crash(url):
    redis = Redis.from_url(url)
    redis.rpush("line", *range(100))
    redis.config_set("appendfsync", "always")
    redis.rpush("line", "last")
    docker("kill", "--signal", "KILL", container())
    docker("start", container())

    def back() -> bool:
        try:
            return Redis.from_url(url).llen("line") == 101
        except RedisError:
            return False

    assert soon(back, within=20)


def test_full_is_full_and_nothing_is_evicted(url):
    redis = Redis.from_url(url)
    assert redis.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    assert int(redis.config_get("maxmemory")["maxmemory"]) == 256 * 1024 * 1024
    redis.set("first", "kept")
    redis.config_set("maxmemory", "3mb")
    with pytest.raises(OutOfMemoryError):  # noqa: PT012
        redis.mset({f"big:{n}": "x" * 100_000 for n in range(50)})
        redis.set("one more", "x" * 100_000)  # Redis looks before it writes
    assert redis.get("first") == b"kept"


def test_a_lab_on_it(url, kernel):
    notebook = kernel(REDIS_URL=url)
    assert "the one of REDIS_URL" in notebook.run(SET_UP)
    work = "from rq import Queue\nqueue = Queue('q', connection=lab.redis)\njob = queue.enqueue('operator.add', 1, 2)\n"
    assert notebook.run(work + "lab.workers(queue, burst=True).wait()\nprint(job.return_value())").endswith("3\n")
    notebook.shut_down()
    assert Redis.from_url(url).keys() == []


def test_a_taken_port_is_two_lines(url):
    docker("stop", container())
    taken = subprocess.Popen(
        ["python3", "-c", "import socket, sys, time\ns = socket.create_server(('127.0.0.1', int(sys.argv[1])))\ntime.sleep(60)",
         os.environ["REDIS_PORT"]]
    )  # fmt: skip
    try:
        assert soon(lambda: psutil.Process(taken.pid).net_connections())
        with pytest.raises(LabError) as caught:
            start_docker()
        assert "Docker could not start Redis" in str(caught.value)
        assert len(str(caught.value).splitlines()) == 2
    finally:
        taken.kill()
        taken.wait()


# The notification service: `docker compose --profile app up`.


BASE = re.search(r"FROM (\S+)", (CHECKOUT / "Dockerfile").read_text()).group(1)


@pytest.fixture(scope="module")
def service(project, tmp_path_factory):
    """The URL of the service, which has two workers.

    Its image is built where the Dockerfile's base can be had. Elsewhere it is an image `notifications` that is there
    already, or else it is built on a stand-in.
    """
    real = has_image(BASE) or subprocess.run(["docker", "pull", "--quiet", BASE], capture_output=True).returncode == 0
    stands_in = not real and not has_image("notifications")
    if stands_in:
        stand_in_for_base(tmp_path_factory.mktemp("base"))
    try:
        if real or stands_in:
            compose("--profile", "app", "build")
        compose("--profile", "app", "up", "--detach", "--no-build", "--scale", "worker=2")
        assert soon(lambda: _states() == ["healthy"] * 4, within=120), _states()
        yield f"http://127.0.0.1:{os.environ['API_PORT']}"
    finally:
        compose("--profile", "app", "down", "--volumes")
        if stands_in:
            docker("image", "rm", "--force", "notifications", BASE)


def has_image(name: str) -> bool:
    return subprocess.run(["docker", "image", "inspect", name], capture_output=True).returncode == 0


def stand_in_for_base(folder: Path) -> None:
    """Give the engine an image by the name of the Dockerfile's base: this machine's Python and its libraries, a shell,
    and, installed already, pip and the packages that the Dockerfile installs. What is in the folder comes in, too.

    The Dockerfile is then really built, on that: what it copies and owns, that its packages and their versions are
    those of constraints.txt (pip asks no index, as it finds them there), and that the service needs no others. And the
    image is really run: commands, user, healthchecks. Not proven: the real base, its release of Python, and that the
    index has the packages for it.
    """
    # A virtual environment in /usr/local, whose Python is where it is on this machine.
    base, local = Path(sys.base_prefix), folder / "usr/local"
    stdlib = f"lib/python{sys.version_info.major}.{sys.version_info.minor}"
    binary = Path(sys.executable).resolve()
    packages = local / stdlib / "site-packages"
    for path in (folder / "bin", folder / "tmp", local / "bin", packages):
        path.mkdir(parents=True, exist_ok=True)
    shutil.copytree(
        base / stdlib,
        folder / base.relative_to("/") / stdlib,
        ignore=shutil.ignore_patterns("site-packages", "dist-packages", "test", "__pycache__", "config-*"),
    )
    (local / "pyvenv.cfg").write_text(f"home = {binary.parent}\n")
    (local / "bin/python").symlink_to(binary)

    wanted, found = ["pip", "fastapi", "uvicorn", "redis", "rq", "prometheus-client"], set()
    while wanted:
        distribution = metadata.distribution(wanted.pop())
        if distribution.name in found:
            continue
        found.add(distribution.name)
        needs = map(Requirement, distribution.requires or [])
        wanted += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
        for file in distribution.files:
            if file.parts[0] == "..":  # a command
                command = local / "bin" / file.name
                command.write_text(re.sub(r"\A#!.*", "#!/usr/local/bin/python", file.locate().read_text()))
                command.chmod(0o755)
            else:
                (packages / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.locate(), packages / file)

    shell = shutil.which("busybox")
    assert shell, f"{BASE} can't be pulled, and its stand-in needs busybox"
    for name in ("sh", "mkdir", "chown"):
        (folder / "bin" / name).symlink_to("busybox")
    copy_programs(folder, [binary], folder.rglob("*.so"))
    shutil.copy(shell, folder / "bin/busybox")
    load_image(folder, BASE)


def copy_programs(folder: Path, programs: Iterable[Path], others: Iterable[Path] = ()) -> None:
    """Copy programs, and the libraries of this machine that they and the others need, to where they are here."""
    told = subprocess.run(["ldd", *programs, *others], capture_output=True, text=True).stdout
    libraries = {
        file for file in re.findall(r"(?:=> |^\s+)(/.+) \(0x", told, re.MULTILINE) if not file.startswith(sys.prefix)
    }
    for file in {*map(str, programs), *libraries}:
        (folder / file[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, folder / file[1:])


def load_image(folder: Path, name: str, *options: str) -> None:
    """Make the folder an image of the engine."""
    command = ["docker", "import", *options, "-", name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as load:
        with tarfile.open(fileobj=load.stdin, mode="w|") as archive:
            archive.add(folder, ".")
        load.stdin.close()
    assert load.returncode == 0


def inspect(name: str, what: str):
    return json.loads(docker("inspect", "--format", f"{{{{json {what}}}}}", name))


def _states() -> list[str]:
    return [inspect(name, ".State.Health.Status") for kind in ("redis", "api", "worker") for name in containers(kind)]


def _python(name: str, code: str) -> str:
    """Run code in a container, as the service's user. Returns what it prints."""
    return docker("exec", name, "python", "-c", code)


def _slow_provider(latency: float) -> None:
    behave = "from labsupport.notifications import provider, settings; provider.Provider(settings.connect()).behave"
    _python(*containers("api"), f"{behave}(latency={latency})")


def _job(service: str, job: httpx.Response) -> dict:
    return httpx.get(service + job.headers["Location"]).json()


COUNT = """
from labsupport.notifications import database, settings
print(sum(database.Database(settings.database()).count_events().values()))
"""


def test_the_service_answers_and_its_workers_work(service):
    assert [user["name"] for user in httpx.get(f"{service}/users").json()] == ["Ada", "Grace", "Alan"]
    sent = httpx.post(f"{service}/notifications", json={"message": "Hi"})
    assert soon(lambda: _job(service, sent)["state"] == "finished", within=20), _job(service, sent)
    assert _job(service, sent)["result"] is True
    # A worker writes to the database that the API reads.
    assert httpx.put(f"{service}/users/1", json={"name": "Ada L.", "email": "ada@example.org"}).status_code == 202
    assert soon(lambda: httpx.get(f"{service}/users/1").json()["name"] == "Ada L.", within=20)
    # Events wait for a scheduler.
    assert httpx.post(f"{service}/events", json={"name": "opened", "user": 1}).status_code == 202
    assert soon(lambda: _python(*containers("api"), COUNT) == "1", within=20)
    assert httpx.get(f"{service}/health").json()["workers"] == 2


def test_the_image_holds_the_service_and_nothing_else(service):
    files = _python(*containers("api"), "import glob; print(*sorted(glob.glob('**', recursive=True)))").split()
    modules = [str(path.relative_to(CHECKOUT)) for path in (CHECKOUT / "labsupport/notifications").glob("*.py")]
    folders = ["labsupport", "labsupport/notifications"]
    assert files == sorted(["constraints.txt", "labsupport/__init__.py", *folders, *modules])


WRITE = """
for path in ("/app/x", "/tmp/x", "/usr/local/x", "/data/x"):
    try:
        open(path, "w").close()
        print(path)
    except OSError:
        pass
"""


def test_they_may_do_little(service):
    for name in (*containers("api"), *containers("worker")):
        processes = docker("top", name, "-eo", "uid,pid,args").splitlines()[1:]
        assert len(processes) >= 2
        # Process 1, which is Docker's own, is the user's as well.
        assert {line.split()[0] for line in processes} == {"10001"}, processes
        assert _python(name, WRITE) == "/data/x"
        status = _python(name, "print(open('/proc/self/status').read())")
        assert re.search(r"CapBnd:\t0+\n", status)
        assert re.search(r"NoNewPrivs:\t1\n", status)


def test_the_service_listens_on_loopback_only(service):
    published = [inspect(name, ".NetworkSettings.Ports") for kind in ("redis", "api") for name in containers(kind)]
    assert {place["HostIp"] for ports in published for places in ports.values() for place in places} == {"127.0.0.1"}
    assert not any(inspect(name, ".NetworkSettings.Ports") for name in containers("worker"))


def test_the_service_answers_to_known_names_only(service):
    def says(host: str) -> int:
        return httpx.get(f"{service}/users/1", headers={"Host": host}).status_code

    assert [says("api:8000"), says("localhost"), says("evil.example")] == [200, 200, 400]


def test_healthchecks_tell_the_sick_from_the_well(service):
    (api,), workers = containers("api"), containers("worker")
    alive, works = (inspect(name, ".Config.Healthcheck.Test")[1:] for name in (api, workers[0]))

    def says(name: str, check: list[str]) -> bool:
        return subprocess.run(["docker", "exec", name, *check], capture_output=True, timeout=60).returncode == 0

    assert says(api, alive)
    assert not says(workers[0], alive)
    assert all(says(worker, works) for worker in workers)
    assert not says(api, works)  # there are workers, and none of its own
    docker("pause", container())
    try:
        assert says(api, alive)
        assert not says(workers[0], works)
    finally:
        docker("unpause", container())


def test_a_worker_that_is_stopped_finishes_its_job(service):
    _slow_provider(4)
    jobs = [httpx.post(f"{service}/notifications", json={"message": "slow"}) for _ in range(3)]
    assert soon(lambda: [_job(service, job)["state"] for job in jobs] == ["started", "started", "queued"])
    compose("--profile", "app", "stop", "worker")
    assert [_job(service, job)["state"] for job in jobs] == ["finished", "finished", "queued"]
    assert [_job(service, job)["attempts"] for job in jobs] == [1, 1, 0]
    assert [inspect(name, ".State.ExitCode") for name in containers("worker")] == [0, 0]
    _slow_provider(0)
    compose("--profile", "app", "start", "worker")
    assert soon(lambda: _job(service, jobs[2])["state"] == "finished", within=20)


def test_a_worker_that_is_killed_comes_back(service):
    name = containers("worker")[0]
    born = inspect(name, ".State.StartedAt")
    # All that runs in the container, but for process 1. (`docker kill` would count as a wish that it stays away.)
    killed = subprocess.run(["docker", "exec", name, "python", "-c", "import os; os.kill(-1, 9)"], capture_output=True)
    assert soon(lambda: inspect(name, ".State.StartedAt") != born, within=20), killed
    assert inspect(name, ".RestartCount") == 1
    assert soon(lambda: _states() == ["healthy"] * 4, within=120), _states()


def test_nothing_of_the_service_is_left(service):
    compose("--profile", "app", "down", "--volumes")
    left = [docker(kind, "ls", "--quiet", "--filter", "label=com.docker.compose.project=jobs-lab-test")
            for kind in ("container", "volume", "network")]  # fmt: skip
    assert left == ["", "", ""]


# Prometheus beside it: `docker compose --profile observe up`.


PROMETHEUS = re.search(r"image: (prom/\S+)", (CHECKOUT / "docker-compose.yml").read_text()).group(1)


@pytest.fixture(scope="module")
def prometheus(project, tmp_path_factory):
    """The URL of Prometheus, which asks the exporter.

    Where its image can't be had, Debian's prometheus stands in for it: the wiring is proven (mounts, configuration, rules,
    network, ports), and not the image.
    """
    real = all(
        has_image(name) or subprocess.run(["docker", "pull", "--quiet", name], capture_output=True).returncode == 0
        for name in (BASE, PROMETHEUS)
    )
    if not real:
        stand_in_for_base(tmp_path_factory.mktemp("base"))
        _stand_in_for_prometheus(tmp_path_factory.mktemp("prometheus"))
    try:
        compose("--profile", "observe", "build")
        compose("--profile", "observe", "up", "--detach", "--no-build")
        yield f"http://127.0.0.1:{os.environ['PROMETHEUS_PORT']}"
    finally:
        compose("--profile", "observe", "down", "--volumes")
        if not real:
            docker("image", "rm", "--force", "notifications-exporter", BASE, PROMETHEUS)


def _stand_in_for_prometheus(folder: Path) -> None:
    binary = shutil.which("prometheus")
    assert binary, f"{PROMETHEUS} can't be pulled, and its stand-in needs Debian's package prometheus"
    copy_programs(folder, [Path(binary)])
    for name in ("prometheus", "tmp", "etc/prometheus"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name).chmod(0o777)
    options = ["--change", f'ENTRYPOINT ["{binary}"]', "--change", "USER 65534", "--change", "VOLUME /prometheus"]
    load_image(folder, PROMETHEUS, *options)


def _asked(url: str, query: str) -> list[float]:
    """The values that Prometheus has for a query; none while it still starts."""
    try:
        answer = httpx.get(f"{url}/api/v1/query", params={"query": query}).json()
    except (httpx.HTTPError, ValueError):
        return []
    return [float(one["value"][1]) for one in answer.get("data", {}).get("result", [])]


def test_prometheus_asks_the_exporter_and_knows_the_rules(prometheus):
    assert soon(lambda: _asked(prometheus, "rq_redis_up") == [1], within=90)
    redis = Redis.from_url(f"redis://:development@127.0.0.1:{os.environ['REDIS_PORT']}")
    Queue("notification-queue", connection=redis, serializer=JSONSerializer).enqueue("operator.truth", 1)
    # Asked every 15 seconds.
    assert soon(lambda: _asked(prometheus, 'rq_jobs{status="queued"}') == [1], within=60)
    (group,) = httpx.get(f"{prometheus}/api/v1/rules").json()["data"]["groups"]
    assert [rule["health"] for rule in group["rules"]] == ["ok"] * 7
    assert "OldestJobTooOld" in {rule["name"] for rule in group["rules"]}


def test_prometheus_listens_on_loopback_only_and_may_do_little(prometheus):
    (name,) = containers("prometheus")
    (places,) = [places for places in inspect(name, ".NetworkSettings.Ports").values() if places]
    assert {place["HostIp"] for place in places} == {"127.0.0.1"}
    assert not any(inspect(*containers("exporter"), ".NetworkSettings.Ports").values())
    for container_ in (name, *containers("exporter")):
        pid = inspect(container_, ".State.Pid")
        status = Path(f"/proc/{pid}/status").read_text()
        assert re.search(r"CapBnd:\t0+\n", status)
        assert re.search(r"NoNewPrivs:\t1\n", status)
