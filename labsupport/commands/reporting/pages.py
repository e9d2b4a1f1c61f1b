"""One page, with all that it shows in it: it asks for nothing else, so it can be sent, kept, and opened anywhere."""

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader


def page(template: str, **what: object) -> bytes:
    """The page that this template, a file in this folder, makes of it. All texts are escaped."""
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True)
    environment.filters["moment"] = moment
    return environment.get_template(template).render(**what).encode(errors="replace")


def moment(iso: str | None) -> str:
    """A time as people read it, in UTC; a dash for none. Raises ValueError if it is no time."""
    return datetime.fromisoformat(iso).strftime("%Y-%m-%d %H:%M") if iso else "–"
