"""JupyterLab in a container, really run: `docker compose --profile lab up`. Part of `make test-docker`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml
from redis import Redis

from labsupport.commands.open_labs import FIRST
from labsupport.commands.set_up import UV
from labsupport.paths import CHECKOUT
from labsupport.processes.redis_server import free_port
from tests.jupyter import Kernel, browser
from tests.kernels import SET_UP, soon
from tests.needs.test_docker import (
    BASE,
    compose,
    containers,
    copy_programs,
    docker,
    has_image,
    inspect,
    project,  # noqa: F401
    stand_in_for_base,
)

pytestmark = pytest.mark.needs_docker


def up() -> str:
    """Start it, and return the link that a person opens: it is in what JupyterLab prints."""
    compose("--profile", "lab", "up", "--detach", "--no-build")
    assert soon(healthy, within=120), compose("--profile", "lab", "logs", "lab")
    said = compose("--profile", "lab", "logs", "--no-color", "lab")
    return re.findall(rf"http://127.0.0.1:{os.environ['LAB_PORT']}/\S+\?token=\w+", said)[-1]


def healthy() -> bool:
    return inspect(*containers("lab"), ".State.Health.Status") == "healthy"


@pytest.fixture(scope="module")
def link(project, tmp_path_factory):  # noqa: F811
    """Where the Dockerfile's base can't be had, it is built on a stand-in.

    On that, the Dockerfile's steps are really run: the kit's own set-up installs its packages, from a folder of wheels
    instead of an index. Not proven: the real base, apt-get (make is there already), and BullMQ, which comes from npm.
    """
    real = has_image(BASE) or subprocess.run(["docker", "pull", "--quiet", BASE], capture_output=True).returncode == 0
    if not real:
        folder = tmp_path_factory.mktemp("base")
        add_what_a_lab_needs(folder)
        stand_in_for_base(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_PORT", str(free_port()))
        try:
            compose("--profile", "lab", "build", "lab")
            yield up()
        finally:
            compose("--profile", "lab", "down", "--volumes")
            docker("image", "rm", "--force", "jobs-lab", *([] if real else [BASE]))


def add_what_a_lab_needs(folder: Path) -> None:
    """Programs, and the packages as files."""
    for name in ("bin", "etc/uv", "usr/bin", "usr/local/bin", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "tmp").chmod(0o1777)
    (folder / "usr/local/bin/python3").symlink_to("python")
    (folder / "usr/bin/env").symlink_to("/bin/busybox")
    for name in ("cat", "ls", "rm"):
        (folder / "bin" / name).symlink_to("busybox")
    (folder / "bin/apt-get").write_text("#!/bin/sh\n")
    (folder / "bin/apt-get").chmod(0o755)
    (folder / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    for name in ("group", "shadow"):
        (folder / "etc" / name).write_text("root:x:0:\n")
    # Packages bring programs of their own, which need libraries of the machine.
    others = [file for file in Path(sys.prefix).rglob("*") if file.is_file() and file.open("rb").read(4) == b"\x7fELF"]
    copy_programs(folder, [Path("/bin/bash"), Path("/usr/bin/make"), Path("/usr/sbin/useradd")], others)
    wanted = [
        "-r",
        "requirements.txt",
        "-r",
        "classroom/requirements.txt",
        "-c",
        "constraints.txt",
        f"uv=={UV}",
        "uv_build>=0.13,<0.14",
    ]
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--dest", str(folder / "wheels"), *wanted]
    subprocess.run(download, cwd=CHECKOUT, check=True)
    (folder / "etc/pip.conf").write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    (folder / "etc/uv/uv.toml").write_text('no-index = true\nfind-links = ["/wheels"]\n')


def test_the_link_opens_the_first_lab_and_nothing_opens_without_it(link):
    page = browser(link).get(link)
    assert page.url.path == f"/lab/tree/notebooks/{FIRST}"
    address = link.partition("/lab")[0]
    assert httpx.get(f"{address}/api/contents").status_code == 403
    assert "/login" in httpx.get(f"{address}/lab").headers["Location"]
    # A page elsewhere, whose name was made to lead to 127.0.0.1.
    assert browser(link).get("/api/contents", headers={"Host": "evil.example"}).status_code == 403


def test_loopback_only(link):
    (places,) = inspect(*containers("lab"), ".NetworkSettings.Ports").values()
    assert [place["HostIp"] for place in places] == ["127.0.0.1"]


WRITE = """
for folder in ("/lab", "/lab/notebooks", "/lab/.venv", "/etc", "/lab/my-labs", "/home/lab", "/tmp"):
    try:
        open(f"{folder}/x", "w").close()
        print(folder)
    except OSError:
        pass
"""


def test_it_may_do_little(link):
    (name,) = containers("lab")
    processes = docker("top", name, "-eo", "uid,pid,args").splitlines()[1:]
    assert {line.split()[0] for line in processes} == {"10001"}, processes
    assert docker("exec", name, ".venv/bin/python", "-c", WRITE).split() == ["/lab/my-labs", "/home/lab", "/tmp"]
    status = docker("exec", name, "cat", "/proc/self/status")
    assert re.search(r"CapBnd:\t0+\n", status)
    assert re.search(r"NoNewPrivs:\t1\n", status)


def test_a_lab_in_it(link):
    """On the Redis beside it. What it serves is reached by its links, and by who is logged in to JupyterLab."""
    client = browser(link)
    kernel = Kernel(link, f"notebooks/{FIRST}")
    assert "the one of REDIS_URL" in kernel.run(SET_UP)
    work = "from rq import Queue\nqueue = Queue('q', connection=lab.redis)\njob = queue.enqueue('operator.add', 1, 2)\n"
    said = kernel.run(work + "lab.workers(queue, burst=True).wait()\nprint(job.return_value())")
    assert said.endswith("3\n"), said
    said = kernel.run(
        "api, board = lab.serve('labsupport.notifications.api:api'), lab.dashboard()\nprint(api.link, board.link)"
    )
    api, board = said.split()[-2:]
    assert api.startswith(str(client.base_url))
    assert f"{api}/docs" in said
    assert client.get(f"{api}/openapi.json").json()["paths"]["/notifications"]
    assert client.post(f"{api}/notifications", json={"message": "Hi"}).status_code == 202
    assert client.get(f"{board}/").status_code == 401
    assert httpx.get(f"{board}/").headers["Location"].startswith("/login")


def test_the_readers_work_survives(link):
    client = browser(link)
    place = f"/api/contents/notebooks/{FIRST}"
    mine = client.get(place).json()["content"]
    mine["cells"][0]["source"] = "Mine"
    headers = {"Authorization": f"token {link.rpartition('=')[2]}"}
    saved = client.put(place, json={"type": "notebook", "format": "json", "content": mine}, headers=headers)
    assert saved.status_code == 200, saved.text
    compose("--profile", "lab", "stop", "lab")
    # Its kernels had the time to leave nothing behind.
    redis = Redis.from_url(f"redis://:development@127.0.0.1:{os.environ['REDIS_PORT']}")
    assert redis.keys() == []
    compose("--profile", "lab", "down")
    again = up()
    assert again != link
    assert browser(again).get(place).json()["content"]["cells"][0]["source"] == "Mine"


def test_the_image_for_a_hub_on_kubernetes(link):
    """What the hub starts in it is there, and finds a person's disk."""
    image = "jobs-lab-classroom-test"
    docker("build", "--file", str(CHECKOUT / "classroom/Dockerfile"), "--tag", image, str(CHECKOUT))
    try:
        command = yaml.safe_load((CHECKOUT / "classroom/values.yaml").read_text(encoding="utf8"))["singleuser"]["cmd"]
        run = ("run", "--rm", "--network=none", "--tmpfs=/home/lab:uid=10001,gid=10001", image)
        (pin,) = re.findall(
            r"^jupyterhub==(\S+)", (CHECKOUT / "classroom/requirements.txt").read_text(encoding="utf8"), re.MULTILINE
        )
        assert docker(*run, *command, "--version") == pin
        assert FIRST in docker(*run, *command[: command.index("--run") + 1], "ls", "/home/lab/my-labs/notebooks")
    finally:
        docker("image", "rm", "--force", image)


def test_nothing_is_left(link):
    compose("--profile", "lab", "down", "--volumes")
    left = [docker(kind, "ls", "--quiet", "--filter", "label=com.docker.compose.project=jobs-lab-test")
            for kind in ("container", "volume", "network")]  # fmt: skip
    assert left == ["", "", ""]
