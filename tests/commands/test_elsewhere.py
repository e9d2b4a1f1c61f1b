"""The labs where nobody installs anything: a codespace, Binder, a container, WSL. What can be known of them here.

`tests/needs/test_docker_lab.py` runs the container, and `tests/needs/test_binder.py` asks repo2docker what it would build.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from labsupport.paths import CHECKOUT
from tests.jupyter import Kernel, browser
from tests.kernels import SET_UP, alive, family, soon

README = (CHECKOUT / "README.md").read_text(encoding="utf8")
DEVCONTAINER = (CHECKOUT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf8")

# As BinderHub's chart has it: the JupyterLab of whatever environment comes first in PATH.
BINDERS = "import jupyterlab, os, sys; os.execvp('jupyter-lab', sys.argv)"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """The link of a JupyterLab that a hub has started, by the hub's own command and options, on a copy of the kit: `my-labs/`
    of this checkout may be somebody's."""
    kit = tmp_path_factory.mktemp("kit")
    for part in (".binder", "labsupport", "notebooks"):
        shutil.copytree(CHECKOUT / part, kit / part, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    (kit / ".venv").symlink_to(sys.prefix)
    options = ["--port=0", "--no-browser", "--allow-root", "--ServerApp.base_url=/user/ada/", "--ServerApp.token=secret",
               "--ServerApp.allow_remote_access=True", f"--ServerApp.root_dir={kit}"]  # fmt: skip
    started = subprocess.Popen(
        [kit / ".binder/start", "python3", "-c", BINDERS, *options],
        cwd="/", env={**os.environ, "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    told = subprocess.run([kit / ".venv/bin/jupyter", "--runtime-dir"], capture_output=True, text=True, check=True)
    note = Path(told.stdout.strip()) / f"jpserver-{started.pid}.json"
    try:
        assert soon(lambda: note.exists() and note.read_text().endswith("}"), within=180)
        url = json.loads(note.read_text())["url"]
        assert soon(lambda: httpx.get(f"{url}api").status_code == 200, within=180)
        yield f"{url}lab/tree/my-labs/notebooks/00-start-here.ipynb?token=secret"
    finally:
        below = family(started.pid)
        started.terminate()
        started.wait(timeout=30)
    assert soon(lambda: not alive(below))


def test_on_a_hub_a_lab_runs_and_a_browser_reaches_what_it_serves(hub):
    kernel = Kernel(hub, "my-labs/notebooks/00-start-here.ipynb")
    assert "this notebook's own" in kernel.run(SET_UP)
    said = kernel.run(
        "from rq import Queue\n"
        "from rq.serializers import JSONSerializer\n"
        "queue = Queue('notification-queue', connection=lab.redis, serializer=JSONSerializer)\n"
        "job = queue.enqueue('operator.add', 1)\n"
        "lab.workers(queue, burst=True).wait()\n"
        "api, board = lab.serve('labsupport.notifications.api:api'), lab.dashboard()\n"
        "print(job.id, lab._login[1], api.link, board.link)"
    )
    job, password, api, board = said.split()[-4:]
    assert f"In a browser: {api}/docs" in said
    assert re.fullmatch(r"/user/ada/proxy/\d+", api)

    # A hub's proxy keeps the name under which the browser asks.
    client = browser(hub, headers={"Host": "hub.example"})
    address, site = str(client.base_url).partition("/user")[0], "https://hub.example"
    assert f"url: '{api}/openapi.json'" in client.get(f"{address}{api}/docs").text
    assert client.get(f"{address}{api}/openapi.json").json()["servers"] == [{"url": api}]
    page = {"Origin": site, "Referer": f"{site}{api}/docs", "Sec-Fetch-Site": "same-origin"}
    assert client.post(f"{address}{api}/notifications", json={"message": "Hi"}, headers=page).status_code == 202

    assert client.get(f"{address}{board}/").status_code == 401
    client.auth = ("lab", password)
    shown = client.get(f"{address}{board}/0/view/jobs/notification-queue/failed/8/asc/1").text
    links = re.findall(r'(?:href|src)="(/[^"]*)"', shown)
    assert links
    assert all(link.startswith(f"{board}/") for link in links)
    assert [client.get(f"{address}{link}").status_code for link in links if link.endswith((".js", ".css"))].count(
        200
    ) >= 3
    page = {"Origin": site, "Referer": f"{site}{board}/", "Sec-Fetch-Site": "same-origin"}
    data = client.get(f"{address}{board}/0/data/queues.json", headers=page)
    assert data.json()["queues"][0]["name"] == "notification-queue"
    requeue = f"{address}{board}/job/{job}/requeue"
    assert client.post(requeue, headers={**page, "Origin": "https://evil.example"}).status_code == 403
    assert client.post(requeue, headers=page).status_code == 200
    # All of it only for who is logged in to JupyterLab.
    assert "/login" in httpx.get(f"{address}{board}/", auth=client.auth).headers["Location"]


def targets(text: str) -> set[str]:
    """The targets of `make` that a text names as commands."""
    return set(re.findall(r"(?<![\w/.-])make ([a-z][a-z-]+|\.venv/ready)(?![\w-])", text))


def test_the_codespace_says_where_a_browser_finds_it(tmp_path):
    asked = json.loads(re.sub(r"^\s*//.*$", "", DEVCONTAINER, flags=re.MULTILINE))
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "$LAB_ADDRESS" "$@"\n')
    make.chmod(0o755)

    def says(**environment: str) -> str:
        command = ["/bin/sh", "-c", asked["postAttachCommand"]]
        return subprocess.check_output(command, text=True, env={"PATH": str(tmp_path), **environment}).strip()

    rest = "lab LAB_ARGS=--no-browser --port=8888"
    assert says() == f"http://127.0.0.1:8888 {rest}"
    codespace = says(CODESPACE_NAME="blue-duck", GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN="app.example")
    assert codespace == f"https://blue-duck-8888.app.example {rest}"
    assert asked["forwardPorts"] == [8888]


def test_commands_that_are_told_exist():
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf8")
    known = set(re.findall(r"^(\.?[a-z][a-z/-]+):", makefile, re.MULTILINE)) | {".venv/ready"}
    binder = (CHECKOUT / ".binder/postBuild").read_text(encoding="utf8")
    for text in (README, DEVCONTAINER, binder):
        assert targets(text)
        assert targets(text) <= known
    compose = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf8"))
    profiles = {profile for service in compose["services"].values() for profile in service.get("profiles", [])}
    assert set(re.findall(r"--profile\s+(\w+)", README)) == profiles
    assert set(re.findall(r"(LAB_PORT|lab-work)", README)) == {"LAB_PORT", "lab-work"}
    for name in (".binder/start", ".binder/postBuild"):
        assert os.access(CHECKOUT / name, os.X_OK)


def test_the_first_lab_is_where_binders_link_leads():
    (path,) = re.findall(r"`lab/tree/(\S+)`", README)
    assert path.startswith("my-labs/")
    assert (CHECKOUT / path.removeprefix("my-labs/")).exists()


def test_what_is_typed_on_windows(tmp_path):
    """All of it, but that `sudo` only says what it was asked, and `make` what it would do."""
    kit = tmp_path / "kit"
    shutil.copytree(
        CHECKOUT / "notebooks", kit / "notebooks", ignore=shutil.ignore_patterns("lab*", ".ipynb_checkpoints")
    )
    for name in ("Makefile", "requirements.txt", "constraints.txt", "pyproject.toml"):
        shutil.copy(CHECKOUT / name, kit)
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "the kit"]):
        subprocess.run(["git", *words], cwd=kit, check=True)
    (block,) = re.findall(r"^```sh\n(sudo apt.*?)^```", README, re.MULTILINE | re.DOTALL)
    for name, says in (("sudo", 'echo "$@"'), ("make", f'exec {shutil.which("make")} -n "$@"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{says}\n")
        (tmp_path / name).chmod(0o755)
    # Not those of the `make test` that this may run in, by which the inner one would say more.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    environment |= {"HOME": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    typed = block.replace("ADDRESS", shlex.quote(str(kit)))
    run = subprocess.run(["sh", "-e"], input=typed, capture_output=True, text=True, env=environment, cwd="/")
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "labs/notebooks").is_dir()
    *_, last = run.stdout.splitlines()
    assert last == ".venv/bin/python -m labsupport.commands.open_labs --no-browser"
