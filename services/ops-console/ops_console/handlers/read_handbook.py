"""The handbook as a page, so that a notice's link opens the entry even where nobody has the source at hand.

docs/operations.md is all of it, in English; docs/consignes.md says in French what to do first about each alarm, and
stands before it on the French page.
"""

import re
from collections.abc import Container
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

FRENCH: Final = "consignes.md"  # beside the whole handbook
_NOT_IN_A_SLUG: Final = re.compile(r"[^\w\- ]")
_WHOLE: Final = "operations.md#"  # how the French one links to the entry of the whole one
_ANCHOR: Final = re.compile(r'<h\d id="([^"]+)"')
_ALARM: Final = re.compile("(?:^|(?<=^#))alerte-")  # the same in both languages: notices link to it
_TO_WHOLE: Final = re.compile(r'href="#en-([^"]+)"')


@dataclass(frozen=True)
class Handbook:
    """whole: in English. french: what to do first, None where that file is not there; whole_after: what follows it."""

    whole: Markup
    french: Markup | None = None
    whole_after: Markup | None = None


def render_handbook(markdown: str, taken: Container[str] = ()) -> Markup:
    """Return HTML. Every heading has the anchor that GitHub gives it; links to other files become plain text.

    An alarm's anchor is the same in French. taken: anchors of what stands on the page before; ours begin with en- then.
    """
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(markdown)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            anchor = _ALARM.sub("alarm-", slug(inline.content))
            opening.attrSet("id", f"en-{anchor}" if anchor in taken else anchor)
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
            token.attrSet("href", _ALARM.sub("alarm-", str(token.attrGet("href")).replace(_WHOLE, "#en-")))
            is_kept = str(token.attrGet("href")).startswith(("#", "https://", "http://"))
        if is_kept or token.type not in {"link_open", "link_close"}:
            kept.append(token)
    return kept


def read_handbook(path: Path) -> Handbook | None:
    """Return the page, or None where the file is not there. path: of the whole one."""
    whole, french = _text(path), _text(path.with_name(FRENCH))
    if whole is None:
        return None
    if french is None:
        return Handbook(render_handbook(whole))
    first = render_handbook(french)
    taken = {*_ANCHOR.findall(first)}
    led_on = _TO_WHOLE.sub(lambda link: link[0] if link[1] in taken else f'href="#{link[1]}"', first)
    return Handbook(render_handbook(whole), Markup(led_on), render_handbook(whole, taken))  # noqa: S704 - as above


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except OSError:
        return None
