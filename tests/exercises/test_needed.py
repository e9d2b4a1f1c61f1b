"""Which cells the exercises rest on."""

import pytest

from labsupport.exercises.needed import names, needed

CELLS = [
    "lab = open_lab()",
    "import math\nslow = lab.run(1000)",
    "provider = Provider(lab)\nprovider.behave(down=True)\nslow = lab.run(1000)",
    "%%writefile lab99.py\nx = 1",
    "def half(x):\n    return math.floor(x / 2)",
    "rows = slow[:5]",
    "answer = ...\n\ncheck('halve', answer)",
]


def test_what_an_answer_uses_is_run_and_experiments_are_not():
    assert needed(CELLS, {0: [], 6: ["answer = half(3)"]}) == [
        CELLS[0], "import math", "provider = Provider(lab)\nprovider.behave(down=True)", *CELLS[3:5], CELLS[6],
    ]  # fmt: skip


def test_the_last_definition_before_an_exercise_is_the_one():
    cells = ["lab = open_lab()", "job = lab.long()", "job = lab.short()", "check('it', job)"]
    assert needed(cells, {0: [], 3: []}) == [cells[0], *cells[2:]]


@pytest.mark.parametrize(
    ("code", "used", "defined"),
    [
        ("a = b\nc = a", {"b"}, {"a", "c"}),
        ("def f(x):\n    y = x + z\n    return y", {"z"}, {"f"}),
        ("async def f(x):\n    return x", set(), {"f"}),
        ("with lab.workers(q) as crew:\n    jobs = [go(n) for n in some]", {"lab", "q", "go", "some"}, {"crew", "jobs"}),
        ("for n in rows:\n    print(n)", {"rows", "print"}, {"n"}),
        ("!cat {file}", {"file", "get_ipython"}, set()),
        ("answer = (", set(), set()),
    ],
)  # fmt: skip
def test_what_a_cell_uses_and_what_it_defines(code, used, defined):
    assert names(code) == (used, defined)
