"""What became of each try to enqueue, counted."""

import math

import pandas as pd
import pytest

from labsupport.measure import plots, tries


def tried(*rows: tuple[float, str]) -> pd.DataFrame:
    """Tries by (sent, job); each is answered 0.1 s later."""
    return pd.DataFrame([(sent, sent + 0.1, job, "" if job else "503") for sent, job in rows], columns=tries.COLUMNS)


def attempts(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["job", "outcome", "ended"])


SEEN = tried((0, "a"), (1, "b"), (2, ""), (3, ""), (4, "c"), (5, "d"))
DONE = attempts(("a", "finished", 0.5), ("c", "failed", 4.2), ("c", "finished", 4.5), ("d", "finished", 5.5),
                ("d", "finished", 5.9), ("unheard", "finished", 4.0))  # fmt: skip


def test_counts():
    assert tries.counts(SEEN, DONE) == tries.Counts(
        tried=6, refused=2, accepted=4, lost=1, repeated=1, done_all_the_same=1
    )


def test_away_lasts_until_a_job_is_accepted_again():
    assert tries.away(SEEN) == pytest.approx((2, 4.1))
    assert tries.away(tried((0, "a"), (1, ""))) == (1, math.inf)
    assert tries.away(tried((0, "a"))) == (math.inf, math.inf)


def test_requests_are_tries():
    requests = pd.DataFrame({"due": [1.0, 2.0], "answered": [1.1, 2.1], "status": [202, 503], "job": ["a", ""]})
    assert tries.of_requests(requests).to_dict("list") == {
        "sent": [1.0, 2.0], "answered": [1.1, 2.1], "job": ["a", ""], "error": ["", "503"]
    }  # fmt: skip


def test_the_figure_says_what_was_counted(capsys):
    top, bottom = plots.recovery(SEEN, DONE, 1.5)
    said = capsys.readouterr().out.strip()
    assert said == "No job is accepted for 2.1 s. 2 × refused, 4 × accepted; of these 1 × lost, 1 × repeated"
    assert top.figure.get_suptitle() == said
    heights = {bars.get_label(): sum(bar.get_height() for bar in bars) for bars in top.containers + bottom.containers}
    assert heights == {"accepted": 4, "refused": 2, "done": 5}
