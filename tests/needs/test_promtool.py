"""The alert rules, checked by Prometheus' own tool; and what the labs say of rules, held against it: `make test-promtool`.

Needs promtool, which comes with Debian's package prometheus: a marker keeps it out of `make test`.
"""

import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from labsupport.measure import rules
from labsupport.paths import CHECKOUT

pytestmark = pytest.mark.needs_promtool

SERVICE = CHECKOUT / "labsupport/notifications"
STEP = 15
"""Seconds from one scrape, and one evaluation, to the next."""


def promtool(*words: str | Path) -> str:
    run = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_rules_are_rules():
    assert "7 rules found" in promtool("check", "rules", SERVICE / "alerts.yml")


def test_the_configuration_finds_them():
    assert "1 rule files found" in promtool("check", "config", SERVICE / "prometheus.yml")


def test_rules_fire_when_they_should_and_at_no_other_time():
    assert "SUCCESS" in promtool("test", "rules", Path(__file__).with_name("alerts.test.yml"))


def recorded(seed: int, steps: int = 120) -> pd.DataFrame:
    """A queue's numbers that go up and down, so that rules fire and stop."""
    rng = np.random.default_rng(seed)
    turns = np.sin(np.arange(steps) / 12)
    waiting = np.maximum(0, 30 + 20 * turns + rng.normal(0, 4, steps)).round()
    age = np.maximum(0, 130 + 80 * turns + rng.normal(0, 25, steps)).round()
    failed = np.where(np.arange(steps) < 60, 300, 0) + np.cumsum(rng.random(steps) < 0.4)
    columns = {
        'rq_jobs{status="queued"}': waiting,
        'rq_jobs{status="failed"}': failed,
        "rq_oldest_job_age_seconds": age,
        "rq_workers": rng.integers(0, 2, steps),
        "rq_overdue_jobs": rng.integers(0, 2, steps),
        "rq_redis_up": rng.integers(0, 2, steps),
    }
    return pd.DataFrame(columns, index=np.arange(steps) * STEP, dtype=float)


@pytest.mark.parametrize("seed", range(4))
def test_the_labs_evaluate_rules_as_prometheus_does(seed, tmp_path):
    series = recorded(seed)
    known = [
        {key: rule[key] for key in ("alert", "expr", "for") if key in rule}
        for rule in rules.read(SERVICE / "alerts.yml")
    ]
    for rule in known:
        # Up to its second version, which Debian has, Prometheus counts a sample at the very begin of a range, too.
        rule["expr"] = rule["expr"].replace("[3m]", "[175s]").replace("[1h]", "[3595s]")
        rule["for"] = "30s" if "for" in rule else "0s"
    fires = rules.firing(known, series)
    assert fires.any().sum() >= 6, fires.sum()  # all but NoNumbers
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": known}]}))
    inside = {
        'rq_jobs{status="queued"}': '{queue="q",status="queued"}',
        'rq_jobs{status="failed"}': '{queue="q",status="failed"}',
    }
    named = {name: name.partition("{")[0] + inside.get(name, '{queue="q"}') for name in series}
    named["rq_redis_up"] = "rq_redis_up"
    status = {"BacklogGrows": {"status": "queued"}, "ManyFailures": {"status": "failed"}}
    expected = []
    for name, column in fires.items():
        labels = {} if name in ("RedisAway", "NoNumbers") else {"queue": "q", **status.get(name, {})}
        for second, on in column.items():
            alerts = [{"exp_labels": labels}] if on else []
            expected.append({"eval_time": f"{second}s", "alertname": name, "exp_alerts": alerts})
    test = {
        "interval": f"{STEP}s",
        "input_series": [
            {"series": named[name], "values": " ".join(f"{value:g}" for value in column)}
            for name, column in series.items()
        ],
        "alert_rule_test": expected,
    }
    whole = {"rule_files": ["rules.yml"], "evaluation_interval": f"{STEP}s", "tests": [test]}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(whole))
    assert "SUCCESS" in promtool("test", "rules", tmp_path / "test.yml")
