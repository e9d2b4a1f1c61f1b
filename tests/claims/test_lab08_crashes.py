"""Sentences of 08-survive on crashes that no cell of it shows."""

import pytest
from rq import Retry

from labsupport.experiments.sweep import sweep
from tests.experiments import swept_jobs


@pytest.mark.parametrize(("most", "became"), [(1, "once, failed"), (2, "twice, finished")])
def test_a_bug_of_rq_3_0(most, became):
    """If a work-horse dies before its first command, its id stays in the intermediate list. The retry succeeds. More than a
    minute later, maintenance makes the finished job failed, or runs it again.

    When this test fails, a release of RQ has fixed it: rewrite the section of the lab, and delete this test."""
    (row,) = sweep(
        swept_jobs.deliver,
        "hello",
        delivered=swept_jobs.delivered,
        retry=Retry(max=most),
        kill="work-horse",
        points=[29],
    ).itertuples()
    assert row.became == became
    told = [step for number, step in row.history if number == 1]
    assert [step.sender for step in told].count("work-horse") > 0  # the same worker ran the retry, and it succeeded
