"""The dashboard: for who is logged in, and not for another site's page."""

import os
import re
import sys

import httpx
import psutil
import pytest
from rq import Queue

from labsupport.processes import services, workers

LOGIN = ("lab", "0123456789abcdef")
REQUEUE = "/requeue/notification-queue"


@pytest.fixture
def board(lab, queue, tmp_path, capsys):
    """A client of a dashboard that has one failed job to show."""
    queue.enqueue("operator.add", 1, job_id="broken")
    workers.work_off([queue], folder=tmp_path)
    service = services.dashboard(lab.url, tmp_path, login=LOGIN)
    assert LOGIN[1] not in capsys.readouterr().out
    # Any user of the machine can read a command line.
    assert LOGIN[1] not in " ".join(psutil.Process(service.pid).cmdline())
    with httpx.Client(base_url=service.url, auth=LOGIN) as client:
        yield client
    service.kill()


def failed(queue: Queue) -> list[str]:
    return queue.failed_job_registry.get_job_ids()


def test_login(board, queue):
    for wrong in (None, ("lab", ""), ("lab", "wrong"), ("", ""), ("other", LOGIN[1])):
        for path in ("/", "/0/data/queues.json", "/0/data/job/broken.json"):
            answer = httpx.get(str(board.base_url.join(path)), auth=wrong)
            assert answer.status_code == 401
            assert "queue" not in answer.text
        assert httpx.post(str(board.base_url.join(REQUEUE)), auth=wrong).status_code == 401
    assert failed(queue) == ["broken"]
    assert "RQ dashboard" in board.get("/").text
    (shown,) = board.get("/0/data/queues.json").json()["queues"]
    assert (shown["name"], shown["failed_job_registry_count"]) == ("notification-queue", 1)
    assert "operator.add" in board.get("/0/data/job/broken.json").text


ELSEWHERE = [
    {"Host": "evil.example"},
    {"Host": "evil.example:80", "Origin": "http://evil.example:80"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Referer": "https://evil.example/page"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    {"Sec-Fetch-Site": "same-site"},  # another port of this machine
]


@pytest.fixture
def behind(monkeypatch):
    """A browser reaches JupyterLab alone, as in a codespace, whose proxy changes the name that is asked for."""
    monkeypatch.setenv("LAB_ADDRESS", "https://duck.example")


def test_behind_jupyterlab(behind, board, queue):
    ours = {"Host": "localhost:8888", "Origin": "https://duck.example", "X-Forwarded-Prefix": "/proxy/1"}
    assert 'href="/proxy/1/0/view/queues"' in board.get("/", headers=ours).text
    assert board.get("/0/data/queues.json", headers=ours).status_code == 200
    assert board.get("/", headers=ours, auth=("lab", "wrong")).status_code == 401
    for origin in ("https://evil.example", "null"):
        assert board.post("/job/broken/requeue", headers={**ours, "Origin": origin}).status_code == 403
    assert failed(queue) == ["broken"]
    assert board.post("/job/broken/requeue", headers=ours).status_code == 200
    assert failed(queue) == []


@pytest.mark.parametrize("headers", ELSEWHERE, ids=lambda headers: " ".join(headers.values()))
def test_another_site_is_refused(board, queue, headers):
    for method, path in [
        ("GET", REQUEUE),
        ("POST", REQUEUE),
        ("POST", "/job/broken/requeue"),
        ("GET", "/0/data/queues.json"),
    ]:
        assert board.request(method, path, headers=headers).status_code == 403
    assert failed(queue) == ["broken"]


def test_a_link_leads_to_a_page_and_no_link_changes_anything(board, queue):
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Referer": "http://localhost:8888/lab"}
    page = board.get("/0/view/jobs/notification-queue/failed/8/asc/1", headers=link)
    assert page.status_code == 200
    assert "frame-ancestors http://127.0.0.1:*" in page.headers["Content-Security-Policy"]
    assert board.get(REQUEUE).status_code == 405
    assert failed(queue) == ["broken"]


def test_a_page_has_its_style_and_its_scripts(board):
    page = board.get("/0/view/jobs/notification-queue/failed/8/asc/1").text
    needed = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert needed
    assert {path: board.get(path).status_code for path in needed} == dict.fromkeys(needed, 200)


def test_its_own_page_can_requeue_and_cannot_delete(board, queue):
    own = {"Origin": str(board.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    assert board.post("/job/broken/delete", headers=own).json() == {"status": "DISABLED"}
    assert failed(queue) == ["broken"]
    assert board.post(REQUEUE, headers=own).status_code == 200
    assert failed(queue) == []
    assert queue.job_ids == ["broken"]


def test_it_is_marked_as_the_notebooks(board):
    (service,) = (one for one in psutil.Process().children(recursive=True) if "board" in " ".join(one.cmdline()[2:3]))
    assert service.environ()["JOBS_LAB_LEASH"] == str(os.getpid())
    assert service.cmdline()[0] == sys.executable
