"""What no report may hold: passwords, folders of this machine, values of its environment."""

import os
import re
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from labsupport.paths import CHECKOUT


def cleaned(value: object) -> object:
    """The same texts, lists and dictionaries without it, whoever wrote it: the kit, an error, or the reader."""
    if isinstance(value, dict):
        return {key: cleaned(each) for key, each in value.items()}
    if isinstance(value, list):
        return [cleaned(each) for each in value]
    return _clean(value) if isinstance(value, str) else value


def _clean(text: str) -> str:
    for secret in _secrets():
        text = text.replace(secret, "…")
    text = re.sub(r"""(\w://)[^\s"'<>]*@""", r"\1…@", text)
    folders = {str(CHECKOUT): "…", os.path.realpath(tempfile.gettempdir()): "…", tempfile.gettempdir(): "…"}
    for folder, short in {**folders, str(Path.home()): "~"}.items():
        if len(folder) > 1:
            text = text.replace(folder, short)
    return re.sub(r"""/(home|Users)/[^/\s"':]+""", "~", text)


def _secrets() -> list[str]:
    """The longest first: one may be a part of another."""
    named = [value for name, value in os.environ.items() if re.search("PASS|SECRET|TOKEN|KEY|CREDENTIAL", name.upper())]
    try:
        password = urlsplit(os.environ.get("REDIS_URL", "")).password or ""
    except ValueError:
        password = ""
    found = {secret for secret in [*named, password, unquote(password)] if len(secret) >= 4}
    return sorted(found, key=len, reverse=True)
