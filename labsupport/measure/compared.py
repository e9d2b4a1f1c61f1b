"""RQ beside other libraries, as `make compare` found it last: a file of the kit, so it reads the same on every machine."""

import json
from pathlib import Path

import pandas as pd

FILE = Path(__file__).with_name("compared.json")
"""Written by `tools.compare`."""


def read(file: Path = FILE) -> pd.DataFrame:
    """A row per way to run workers, by its name, RQ's fork first. `attrs` says where it was measured, in a sentence.

    Columns: `how` (in words), `at once` (jobs at the same time), `acknowledged` (early: when a job is taken; late: when it
    is done) and `by` (the setting); `small jobs per second` (median) and `slowest and fastest round`; `seconds for the
    waiting jobs` (each waits for 0.1 s); `times as fast, small` and `…, waiting` (RQ's fork in the same round is 1);
    `MiB` of memory that the workers take; `bytes left per small job` in Redis when it is done; `done after its process was
    killed, s` and `done after all were killed, s` (none: the job was lost), measured with a short redelivery where there is
    a setting; and that setting with its default, `setting that brings it back` and `its default, s`.
    """
    found = json.loads(file.read_text(encoding="utf8"))
    rows = pd.DataFrame(found["rows"]).set_index("name")
    machine, jobs = found["machine"], found["jobs"]
    rows.attrs["measured"] = (
        f"{found['date']}: {machine['cores']} cores, {machine['system']}, Python {machine['python']}, "
        f"{machine['server']}, medians of {jobs['rounds']} rounds, load {machine['load before']:g} before"
    )
    rows.attrs["versions"] = " · ".join(f"{name} {version}" for name, version in found["versions"].items())
    rows.attrs["jobs"] = (jobs["small"], jobs["waiting"])
    return rows
