"""The module that the tests of 06-test are about: as it should be, and in broken versions.

`right.py` is what the lab writes as `lab06/reminders.py`; `also_right.py` and `slow.py` are right, too. Each file of
`broken/` has one change, and says in its first line what is wrong with it.
"""

from pathlib import Path

from labsupport.experiments.mutation import Version

MODULE = "reminders"

_HERE = Path(__file__).parent

RIGHT, ALSO_RIGHT, SLOW = (Version(_HERE / f"{name}.py") for name in ("right", "also_right", "slow"))

BROKEN = {version.name: version for version in map(Version, sorted((_HERE / "broken").glob("*.py")))}
"""By name, such as `four attempts`."""


def show(name: str) -> None:
    """Print what is wrong with a broken version, and which of its lines are others than in the right one."""
    version = BROKEN[name]
    print(f"{version.says}\n{version.difference(RIGHT)}")
