"""A class on one machine, really run: `make classroom`, and twelve people at once. `make test-classroom`.

Needs Linux and root, for accounts; a package index and npm's registry; a Python that all accounts can run, which is Debian's;
and Playwright and Chromium, for two of the twelve.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import nbformat
import nbformat.reader
import psutil
import pytest

from labsupport.exercises.course import COURSE, CourseLab
from labsupport.paths import CHECKOUT
from labsupport.processes.leash import memory_of
from labsupport.processes.redis_server import free_port
from tests.jupyter import Kernel
from tests.kernels import SET_UP, soon
from tests.needs.test_browser import code, expect, run_all, saved

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.needs_accounts

README = (CHECKOUT / "classroom" / "README.md").read_text(encoding="utf8")
LABS = COURSE[:2]
PEOPLE, IN_A_BROWSER = 12, 2
PATIENCE = 600
"""Seconds for what twelve people do at once on two cores."""

IDLE = ".jp-Notebook-ExecutionIndicator[data-status='idle']"
CHROMIUM = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update"]


@dataclass
class Person:
    """An account, and what its owner has open. latencies: seconds. errors: tracebacks of cells."""

    name: str
    home: Path
    hub: str
    password: str = "a test's own"
    token: str = ""
    kernel: Kernel | None = None
    errors: list[str] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    def log_in(self) -> httpx.Response:
        """By the form, as a browser does. Sets `token`, if that worked."""
        browser = httpx.Client(base_url=self.hub, follow_redirects=True, timeout=PATIENCE)
        xsrf = re.search(r'name="_xsrf" value="([^"]+)"', browser.get("/hub/login").text)[1]
        form = {"username": self.name, "password": self.password, "_xsrf": xsrf}
        answer = browser.post("/hub/login?next=/hub/home", data=form)
        if answer.status_code == 200:
            xsrf = next(cookie.value for cookie in browser.cookies.jar if cookie.name == "_xsrf")
            made = browser.post(f"/hub/api/users/{self.name}/tokens", headers={"X-XSRFToken": xsrf}, json={})
            self.token = made.raise_for_status().json()["token"]
        return answer

    def api(self) -> httpx.Client:
        return httpx.Client(base_url=self.hub, headers={"Authorization": f"token {self.token}"}, timeout=PATIENCE)

    def start(self) -> None:
        """Log in, and start their JupyterLab."""
        self.log_in().raise_for_status()
        api, me = self.api(), f"/hub/api/users/{self.name}"
        api.post(f"{me}/server").raise_for_status()
        assert soon(lambda: api.get(me).json()["servers"].get("", {}).get("ready"), within=PATIENCE)

    def open(self, lab: CourseLab) -> Kernel:
        link = f"{self.hub}/user/{self.name}/lab?token={self.token}"
        self.kernel = Kernel(link, f"notebooks/{lab.notebook}.ipynb", PATIENCE)
        return self.kernel

    def solve(self) -> None:
        """Run and solve LABS, with a trivial cell after each."""
        for lab in LABS:
            place = f"/user/{self.name}/api/contents/notebooks/{lab.notebook}.ipynb"
            notebook = nbformat.from_dict(self.api().get(place).raise_for_status().json()["content"])
            kernel = self.open(lab)
            for cell in solved(lab, notebook):
                said = kernel.run(cell.source)
                self.errors += [said] if kernel.failed else []
                self.latencies.append(latency(kernel))

    def open_in_a_browser(self, page: Page) -> None:
        """What the hub's form leads to: their JupyterLab, with the first lab."""
        page.goto(self.hub)
        page.locator("#username_input").fill(self.name)
        page.locator("#password_input").fill(self.password)
        page.locator("#login_submit").click()
        expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible(timeout=PATIENCE * 1000)
        assert page.url.endswith(f"/user/{self.name}/lab/tree/notebooks/{LABS[0].notebook}.ipynb")

    def solve_in_a_browser(self, page: Page) -> None:
        """Run and solve LABS by Run All, then open what a lab serves, by its link."""
        for lab in LABS:
            path = self.home / "my-labs" / "notebooks" / f"{lab.notebook}.ipynb"
            mine = nbformat.read(path, as_version=4)
            serve = nbformat.v4.new_code_cell("service = lab.serve('labsupport.notifications.api:api')")
            mine.cells = [*solved(lab, mine), serve]
            nbformat.write(mine, path)
            page.goto(f"{self.hub}/user/{self.name}/lab/tree/notebooks/{path.name}?reset")
            expect(page.locator(IDLE).first).to_be_visible(timeout=PATIENCE * 1000)
            run_all(page, lambda file=path: has_run(page, file), PATIENCE)
            outputs = [output for cell in code(saved(page, path)) for output in cell.outputs]
            self.errors += ["\n".join(output.traceback) for output in outputs if output.output_type == "error"]
        with page.expect_popup() as opened:
            page.locator(".jp-OutputArea-output a[href$='/docs']").last.click()
        docs = opened.value
        docs.wait_for_load_state("domcontentloaded", timeout=PATIENCE * 1000)
        assert re.fullmatch(rf"{self.hub}/user/{self.name}/proxy/\d+/docs", docs.url)
        assert docs.request.get(docs.url.replace("/docs", "/openapi.json")).json()["paths"]["/notifications"]


def has_run(page: Page, path: Path) -> bool:
    return page.locator(IDLE).count() > 0 and all(cell.execution_count for cell in code(saved(page, path)))


def solved(lab: CourseLab, notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The code cells of a lab, each exercise with its kept solution."""
    cells = []
    for cell in code(notebook):
        exercise = next((each for each in lab.exercises if f'check("{each.name}", ' in cell.source), None)
        sources = exercise.filled_in(exercise.solved) if exercise else [cell.source]
        cells += [nbformat.v4.new_code_cell(source) for source in sources]
    return cells


def latency(kernel: Kernel) -> float:
    begun = time.monotonic()
    kernel.run("1 + 1")
    return time.monotonic() - begun


def processes(people: list[Person]) -> list[psutil.Process]:
    names, found = {person.name for person in people}, []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [process] if process.username() in names else []
    return found


def memory(people: list[Person]) -> list[float]:
    """MiB of each."""
    of = {process.pid: process.username() for process in processes(people) if process.is_running()}
    return [memory_of(pid for pid, name in of.items() if name == person.name) for person in people]


@pytest.fixture(scope="module")
def kit():
    """A copy where all accounts can read it, as `git clone` makes it."""
    with tempfile.TemporaryDirectory(prefix="labs-", dir="/opt") as place:
        folder = Path(place)
        folder.chmod(0o755)
        for name in subprocess.check_output(["git", "ls-files"], cwd=CHECKOUT, text=True).splitlines():
            if not name.startswith("tests/"):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(CHECKOUT / name, folder / name)
        yield folder


@pytest.fixture(scope="module")
def people(kit):
    """Accounts, made by the README's own command. The last is not on the list yet."""
    hub = f"http://127.0.0.1:{free_port()}"
    names = [f"student{number}" for number in range(1, PEOPLE + 1)]
    (kit / "classroom/names.txt").write_text("".join(f"{name}\n" for name in names[:-1]))
    (add,) = re.findall(r"^(useradd .*) anna$", README, re.MULTILINE)
    made = []
    try:
        for name in names:
            subprocess.run([*add.split(), name], check=True)
            made.append(Person(name, Path(f"~{name}").expanduser(), hub))
            subprocess.run(["chpasswd"], input=f"{name}:{Person.password}", text=True, check=True)
        yield made
    finally:
        for process in processes(made):
            process.kill()
        for person in made:
            subprocess.run(["userdel", "--force", "--remove", person.name], capture_output=True)


@contextlib.contextmanager
def running(kit: Path, people: list[Person], end: Callable[[subprocess.Popen], None]) -> Iterator[None]:
    """The hub, by the README's command. After `end`, nothing of it is left."""
    ports = f"--JupyterHub.hub_port={free_port()} --ConfigurableHTTPProxy.api_url=http://127.0.0.1:{free_port()}"
    url = people[0].hub
    arguments = f"CLASSROOM_ARGS=--url={url} --JupyterHub.public_url={url} {ports}"
    log = kit / "hub.log"
    with log.open("ab") as output:
        command = ["make", "classroom", "PYTHON=/usr/bin/python3", arguments]
        hub = subprocess.Popen(command, cwd=kit, stdout=output, stderr=output, start_new_session=True)
    try:
        assert soon(lambda: answers(f"{url}/hub/login") or hub.poll() is not None, within=PATIENCE)
        assert hub.poll() is None, log.read_text()
        yield
    finally:
        end(hub)
        hub.wait(timeout=120)
    assert soon(lambda: not processes(people) and not of_the_hub(kit), within=60), processes(people) + of_the_hub(kit)
    assert not folders(people)


def answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(url).status_code == 200
    return False


def of_the_hub(kit: Path) -> list[psutil.Process]:
    """Whatever runs from the kit's folder."""
    every = psutil.process_iter(["cmdline"])
    return [process for process in every if f"{kit}/" in " ".join(process.info["cmdline"] or [])]


def folders(people: list[Person]) -> list[Path]:
    """The temporary ones of their labs."""
    names = {person.name for person in people}
    return [folder for folder in Path("/tmp").glob("jobs-lab-*") if folder.owner() in names]


def by_ctrl_c(hub: subprocess.Popen) -> None:
    os.killpg(hub.pid, signal.SIGINT)


def by_force(hub: subprocess.Popen) -> None:
    (itself,) = psutil.Process(hub.pid).children()
    itself.kill()


def test_twelve_people_at_once(kit, people):
    with running(kit, people, by_ctrl_c):
        only_who_is_on_the_list(kit, people[-1])
        print(everybody_solves(people))
        for person in people:
            assert not person.errors, person
            kept = json.loads((person.home / "my-labs/progress.json").read_text())
            assert sorted(kept["solved"]) == sorted(each.name for lab in LABS for each in lab.exercises), person.name
        nobody_sees_anothers(kit, people[: PEOPLE - IN_A_BROWSER])
    with running(kit, people, by_force):
        work_is_still_there_and_can_be_handed_in(kit, people[-1])  # whose notebooks a browser has saved


def only_who_is_on_the_list(kit: Path, last: Person) -> None:
    assert last.log_in().status_code == 403
    with (kit / "classroom/names.txt").open("a") as names:
        names.write(f"{last.name}\n")
    assert last.log_in().status_code == 200
    assert replace(last, password="wrong").log_in().status_code == 403
    assert httpx.get(f"{last.hub}/hub/home").headers["Location"].startswith("/hub/login")
    pids = {process.pid for process in of_the_hub(kit)}
    places = {at.laddr.ip for at in psutil.net_connections() if at.status == "LISTEN" and at.pid in pids}
    assert places == {"127.0.0.1"}


def everybody_solves(people: list[Person]) -> str:
    """All at once, two of them in a browser. Returns what was measured."""
    from playwright.sync_api import sync_playwright

    all_are_in = threading.Barrier(PEOPLE + 1)

    def alone(person: Person) -> None:
        person.start()
        all_are_in.wait(PATIENCE)
        person.solve()

    def in_a_browser(person: Person) -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            person.open_in_a_browser(page)
            all_are_in.wait(PATIENCE)
            person.solve_in_a_browser(page)
            browser.close()

    def guarded(work: Callable[[Person], None], person: Person) -> None:
        try:
            work(person)
        except BaseException:
            all_are_in.abort()  # nobody waits for one who does not come
            raise

    begun = time.monotonic()
    works = [alone] * (PEOPLE - IN_A_BROWSER) + [in_a_browser] * IN_A_BROWSER
    with ThreadPoolExecutor(PEOPLE) as pool:
        done = [pool.submit(guarded, work, person) for work, person in zip(works, people, strict=True)]
        with contextlib.suppress(threading.BrokenBarrierError):
            all_are_in.wait(PATIENCE)
        entered, first = time.monotonic(), memory(people)
        peaks = first
        while wait(done, timeout=2).not_done:
            peaks = [max(pair) for pair in zip(peaks, memory(people), strict=True)]
    for each in done:
        each.result()
    ended = time.monotonic()
    busy = sorted(seconds for person in people for seconds in person.latencies)
    quiet = sorted(latency(people[0].kernel) for _ in range(50))
    lines = [
        f"{psutil.cpu_count()} cores, {PEOPLE} people, {IN_A_BROWSER} of them in Chromium on the same machine: "
        f"all are in after {entered - begun:.0f} s, and have solved {len(LABS)} labs {ended - entered:.0f} s later",
        in_mib("a JupyterLab, before a lab runs", first),
        in_mib("the peak, which two labs have", peaks),
        in_mib("two labs open, nothing runs", memory(people)),
        in_ms("1 + 1, while all work", busy),
        in_ms("1 + 1, while nobody does", quiet),
    ]
    return "\n" + "\n".join(lines)


def in_mib(what: str, each: list[float]) -> str:
    return (
        f"{what}: median {statistics.median(each):.0f} MiB, most {max(each):.0f} MiB, all together {sum(each):.0f} MiB"
    )


def in_ms(what: str, each: list[float]) -> str:
    shown = {"median": statistics.median(each), "95 of 100": each[int(len(each) * 0.95)], "most": each[-1]}
    return f"{what}: " + ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in shown.items())


SNOOP = """
import os, redis

def tried(action):
    try:
        return repr(action())
    except (redis.RedisError, OSError) as error:
        print(type(error).__name__, error)

password = os.environ["REDIS_URL"].partition(":")[2].partition(":")[2].partition("@")[0]
tried(lambda: redis.Redis(port={port}).keys())
tried(lambda: redis.Redis(port={port}, password=password).keys())
for place in {places}:
    is_folder = os.path.isdir(place)
    tried(lambda: os.listdir(place) if is_folder else open(place).read())
    tried(lambda: open(place + "/x" if is_folder else place, "a"))
"""
"""What a curious person's cell tries. It prints what hinders it."""


def nobody_sees_anothers(kit: Path, people: list[Person]) -> None:
    """Each tries the next one's server, files and JupyterLab."""
    for person in people:
        person.kernel.run(SET_UP)
        person.kernel.run(f"lab.redis.set(lab.key('whose'), {person.name!r})")
    urls = [person.kernel.run("import os; print(os.environ['REDIS_URL'])").strip() for person in people]
    assert len({urlsplit(url).password for url in urls}) == len(people)
    commands = " ".join(word for process in psutil.process_iter(["cmdline"]) for word in process.info["cmdline"] or [])
    assert not [url for url in urls if urlsplit(url).password in commands]
    assert not [person for person in people if person.token in commands]
    for number, person in enumerate(people):
        following = (number + 1) % len(people)
        other, port = people[following], urlsplit(urls[following]).port
        (kernel, *_) = [each for each in processes([other]) if "ipykernel_launcher" in each.cmdline()]
        (folder, *_) = folders([other])
        runtime = other.home / ".local/share/jupyter/runtime"
        places = [other.home, other.home / "my-labs", other.home / "my-labs/progress.json", runtime, folder,
                  folder / "valkey.conf", f"/proc/{kernel.pid}/environ", kit / "classroom/state"]  # fmt: skip
        said = person.kernel.run(SNOOP.format(port=port, places=[str(place) for place in places])).splitlines()
        assert [line.split()[0] for line in said] == ["AuthenticationError"] * 2 + ["PermissionError"] * 2 * len(places)
        api = person.api()
        for path in ("api/contents", f"proxy/{port}/", "lab"):
            assert api.get(f"/user/{other.name}/{path}").status_code == 403
        assert api.get(f"/hub/api/users/{other.name}").status_code in (403, 404)


def work_is_still_there_and_can_be_handed_in(kit: Path, person: Person) -> None:
    """By the commands that the README has for it: the person's in their JupyterLab, the teacher's beside the hub."""
    person.start()
    blocks = re.findall(
        r"^```sh\n(.*?)^```", README.partition("## When the class is over")[2], re.MULTILINE | re.DOTALL
    )
    theirs, teachers = (block.replace("/opt/labs", str(kit)) for block in blocks[:2])
    kernel = person.open(LABS[0])
    said = kernel.run(
        f"import subprocess\nprint(subprocess.run({theirs!r}, shell=True, capture_output=True, text=True))"
    )
    assert "The report is written" in said, said
    run = subprocess.run(["bash", "-c", teachers], cwd=kit, capture_output=True, text=True)
    assert re.search(r"^Anna B\. +5 of \d+ +5 ", run.stdout, re.MULTILINE), run


def test_a_kit_that_others_cannot_read(kit):
    (kit / "labsupport").chmod(0o700)
    try:
        run = subprocess.run([kit / ".venv/bin/python", "classroom/set_up.py"], cwd=kit, capture_output=True, text=True)
    finally:
        (kit / "labsupport").chmod(0o755)
    assert run.returncode == 1
    assert run.stderr.startswith("Other accounts can't run the kit: ")
    assert "make classroom PYTHON=/usr/bin/python3" in run.stderr
