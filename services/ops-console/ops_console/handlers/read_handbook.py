"""docs/operations.md as a page, so that a notice's link opens the entry even where nobody has the source at hand."""

import re
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

_NOT_IN_A_SLUG = re.compile(r"[^\w\- ]")


def render_handbook(markdown: str) -> Markup:
    """Return HTML. Every heading has the anchor that GitHub gives it; links to other files become plain text."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(markdown)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", slug(inline.content))
        if inline.type == "inline" and inline.children:
            inline.children = _without_file_links(inline.children)
    return Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704 - html is off, the file is ours


def slug(heading: str) -> str:
    """Return the anchor of a heading as GitHub makes it: Alarm `dead-letter` → alarm-dead-letter."""
    return _NOT_IN_A_SLUG.sub("", heading.lower()).replace(" ", "-")


def _without_file_links(children: list[Token]) -> list[Token]:
    kept: list[Token] = []
    is_kept = True
    for token in children:
        if token.type == "link_open":
            is_kept = str(token.attrGet("href")).startswith(("#", "https://", "http://"))
        if is_kept or token.type not in {"link_open", "link_close"}:
            kept.append(token)
    return kept


def read_handbook(path: Path) -> Markup | None:
    """Return the page, or None where the file is not there."""
    try:
        return render_handbook(path.read_text("utf-8"))
    except OSError:
        return None
