"""What the judge of own-connection (09-scale) does with work-horses that happen to take turns."""

import pytest

from labsupport.exercises import trial
from labsupport.exercises.exercise import Context, NotYet
from labsupport.exercises.lab09.own_connection import judge

SHARED = """
import os

from redis import Redis

client = Redis.from_url(os.environ["REDIS_URL"], single_connection_client=True, socket_timeout=5)
client.ping()


def others_answers(user):
    return sum(client.echo(f"user {user}") != f"user {user}".encode() for _ in range(200))
"""


def test_a_shared_connection_is_seen_although_nobody_was_in_the_way_at_first(lab, tmp_path, monkeypatch):
    (tmp_path / "shared.py").write_text(SHARED)
    run, rounds = trial.run, []

    def run_with_a_calm_first_round(*arguments, **options):
        rounds.append(1)
        with monkeypatch.context() as calm:
            if len(rounds) == 1:
                calm.setattr(trial, "together", lambda each, calls, **_: [trial.Trial(each(*call)) for call in calls])
            return run(*arguments, **options)

    monkeypatch.setattr(trial, "run", run_with_a_calm_first_round)
    with pytest.raises(NotYet, match="They still share"):
        judge(str(tmp_path / "shared.py"), Context(lab.redis, lab.attempts, tmp_path))
    assert len(rounds) > 1
