"""What a reader sees of an HTML mail, as plain text. Pure: nothing is fetched, nothing runs, nothing is laid out.

One pass over what the parser reports, without a tree: time and text grow with the mail and with nothing that it asks
for. Of CSS only `display:none` counts, which newsletters hide their preview with.
"""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Final

from lxml import etree

from guichet.channel.text import clean_text

_DEEPEST: Final = 500  # open elements: libxml2 holds each crooked end tag against all of them
_PIECE_BYTES: Final = 32 * 1024
_INDENTS: Final = 6  # levels of lists that are shown as such: deeper ones cost no more than these
_UNSEEN: Final = frozenset({"head", "script", "style", "title", "template"})
_PRE: Final = frozenset({"pre", "xmp", "listing", "plaintext"})
_SPACED: Final = frozenset({"p", "figure", "h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS: Final = _SPACED | _PRE | {
    "address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "fieldset", "figcaption", "footer", "form",
    "header", "hgroup", "hr", "li", "main", "nav", "ol", "section", "table", "tr", "ul",
}  # fmt: skip

_HIDDEN = re.compile(r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")  # stops at the next `<`: a row of them costs linear time
_BLANKS = re.compile(r"\s+")  # a no-break space too: agents search for what they see
_HIDES = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_LINE_ENDS = re.compile(r"(?<![ \t])[ \t]++\n")  # tried at each blank, a row without an end costs its square
_GAPS = re.compile(r"\n{3,}")


_META_BYTES: Final = 2048
_META = re.compile(rb"<meta\b[^<>]{0,200}?\bcharset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)


class _TooDeepError(Exception):
    """Elements are opened and not closed, without end."""


def charset_within(html: bytes) -> str | None:
    """Return the charset that a document names itself: what is left where its mail names none."""
    found = _META.search(html[:_META_BYTES])
    return found[1].decode("ascii", "replace") if found else None


def html_to_text(html: str) -> str:
    """Return the visible text of an HTML document, scripts and styles left out; broken markup gives what it can."""
    clean = clean_text(html)
    return _seen(clean) or _without_tags(clean)  # nested hundreds deep


def _seen(html: str) -> str:
    writer = _Writer()
    # as bytes, the encoding said by us: a mail's own <meta charset> speaks of what it was before
    parser = etree.HTMLParser(target=writer, encoding="utf-8")
    try:
        for piece in _pieces(html.encode()):
            parser.feed(piece)
        parser.close()
    except _TooDeepError:
        return ""
    except (etree.LxmlError, ValueError, AssertionError):
        pass  # what was heard so far counts
    return writer.text()


def _pieces(html: bytes) -> Iterator[bytes]:
    """Cut a document after tags: the parser stops at what is raised meanwhile only between two pieces."""
    start = 0
    while start < len(html):
        most = start + _PIECE_BYTES
        end = len(html) if most >= len(html) else html.rfind(b">", start, most) + 1 or most
        yield html[start:end]
        start = end


class _Writer:
    """Takes what lxml's parser reports (lxml: "The target parser interface") and writes it down."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._open: list[tuple[str, bool, str]] = []  # tag, whether it hides, where its link leads
        self._hidden = self._pre = self._lists = 0
        self._at_line_start = True
        self._owes_blank = False
        self._is_next_cell = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        hides = tag in _UNSEEN or bool(_HIDES.search(attributes.get("style") or ""))
        if len(self._open) > _DEEPEST:
            raise _TooDeepError
        self._open.append((tag, hides, attributes.get("href") or "" if tag == "a" else ""))
        self._hidden += hides
        if self._hidden:
            return
        if tag in _BLOCKS:
            self._break(2 if tag in _SPACED else 1)
        match tag:
            case "br":
                self._write("\n")
            case "li":
                self._write("  " * min(self._lists, _INDENTS) + "* ")
                self._at_line_start = True
            case "tr":
                self._is_next_cell = False
            case "td" | "th":
                self._cell()
            case "a" if attributes.get("href"):
                self._inline("[")
        self._pre += tag in _PRE
        self._lists += tag in ("ul", "ol")

    def end(self, tag: str) -> None:
        if not self._open:
            return
        opened, hides, link = self._open.pop()
        if not self._hidden:
            if link:
                self._inline(f"]({link})")
            self._pre -= opened in _PRE
            self._lists -= opened in ("ul", "ol")
            if tag in _BLOCKS:
                self._break(2 if tag in _SPACED else 1)
        self._hidden -= hides

    def data(self, text: str) -> None:
        if self._hidden:
            return
        if self._pre:
            self._write(text)
            return
        words = _BLANKS.sub(" ", text)
        if words.startswith(" ") and (self._at_line_start or self._owes_blank):
            words = words[1:]
        if words:
            self._inline(words.removesuffix(" "))
            self._owes_blank = words.endswith(" ")

    def comment(self, _text: str) -> None:
        """Nobody sees it."""

    def pi(self, _target: str, _text: str | None = None) -> None:
        """Nobody sees it."""

    def close(self) -> None:
        """Return nothing: the text is asked for, also after a failure."""

    def text(self) -> str:
        """Return what was written, no line ending in blanks, no gap wider than one line."""
        return _GAPS.sub("\n\n", _LINE_ENDS.sub("\n", "".join(self._pieces))).strip()

    def _inline(self, text: str) -> None:
        if self._owes_blank and text:
            self._pieces.append(" ")
            self._owes_blank = False
        self._write(text)

    def _write(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            self._at_line_start = text.endswith("\n")
            self._owes_blank &= not self._at_line_start

    def _break(self, lines: int) -> None:
        self._owes_blank = False
        if self._pieces:
            self._pieces.append("\n" * (lines - self._at_line_start if lines > 1 or not self._at_line_start else 0))
        self._at_line_start = True

    def _cell(self) -> None:
        if self._is_next_cell:
            self._owes_blank = False
            self._pieces.append("  ")
        self._is_next_cell = True


def _without_tags(html: str) -> str:
    return unescape(_TAG.sub(" ", _HIDDEN.sub(" ", html))).strip()
