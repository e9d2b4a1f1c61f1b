"""Figures for readers who don't see them: each is shown with an alternative text, which says what is written on it.

JupyterLab 4.6 shows a PNG without one, whatever its metadata say (`renderImage` in its package rendermime), and it prefers
HTML. So a figure is both: HTML that has the text, and the PNG alone, which is what code hosts show. matplotlib is not
loaded here: a kernel that draws nothing does without.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


LEAST = 0.75
"""The part of its width to which a figure may shrink: else, in a page that is made larger, its text would be smaller."""


def give_figures_words(shell: Any) -> None:
    """From now on, `shell` shows every figure of matplotlib with its alternative text, also one that a reader draws."""
    formatter = shell.display_formatter

    # Around all its formatters, and not one more of them: matplotlib removes those, and this one needs the PNG.
    def format_(shown: Any, *args: Any, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = type(formatter).format(formatter, shown, *args, **kwargs)
        if "image/png" in data and hasattr(shown, "get_suptitle"):
            picture = f"data:image/png;base64,{data['image/png']}"
            style = f"min-width: {LEAST * shown.bbox.width:.0f}px"
            data["text/html"] = f'<img alt="{escape(words(shown))}" style="{style}" src="{picture}">'
        return data, metadata

    formatter.format = format_


def words(figure: Figure) -> str:
    """What is written on a figure: its titles, which state its finding, what its axes are, and its legends."""
    said = [figure.get_suptitle()]
    for ax in figure.axes:
        said += [ax.get_title(place) for place in ("left", "center", "right")]
    for ax in figure.axes:
        said += [f"{name}: {text}" for name, text in (("Across", ax.get_xlabel()), ("Up", ax.get_ylabel())) if text]
    for legend in [*figure.legends, *(ax.get_legend() for ax in figure.axes)]:
        said += ["Drawn: " + ", ".join(text.get_text() for text in legend.get_texts())] if legend else []
    lines = dict.fromkeys(" ".join(text.split()) for text in said if text.strip())
    return ". ".join(lines) or "A figure without a title"
