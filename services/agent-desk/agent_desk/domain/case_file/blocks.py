"""A case as one document: its template's HTML, read into blocks that are typeset. How much is in one. Pure."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

MOST_MOMENTS: Final = 500  # messages and steps, the newest; what came before stands in the case
MOST_PICTURES: Final = 40
PICTURES_BYTES: Final = 24 * 1024 * 1024
MOST_STREETS: Final = 20  # positions whose nearest street is named; of others the coordinates are said
MOST_PAGES_OF_A_FILE: Final = 10
PICTURE: Final = (1200, 1200)  # pixels: A5 at 150 dpi

_SET_OFF: Final = {"span": ("", ""), "q": ("«\xa0", "\xa0»")}
_KINDS: Final = ("title", "heading", "person", "facts", "remark", "words", "note", "step", "end")
_BREAKS: Final = re.compile(r"[ \t\r\n]+")  # no-break spaces stay


@dataclass(frozen=True)
class Block:
    """kind: of _KINDS, or `picture`: then `number` says which, counted from 0, and the text is what stands for it."""

    kind: str
    text: str = field(repr=False)
    number: int = 0


def blocks_of(html: str) -> list[Block]:
    """Return the blocks of a template that has a tag for each: `<p class="kind">`, `<img data-number alt>`."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.blocks


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._kind: str | None = None
        self._text: list[str] = []
        self._ends: list[str] = []  # of what is set off in a sentence, which a page does by its style

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "img":
            self.blocks.append(Block("picture", said.get("alt") or "", int(said.get("data-number") or 0)))
        elif self._kind is None and (kind := said.get("class")) in _KINDS:
            self._kind, self._text = kind, []
        elif tag in _SET_OFF:
            begin, end = ("(", ")") if said.get("class") == "why" and tag == "span" else _SET_OFF[tag]
            self._text.append(begin)
            self._ends.append(end)

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SET_OFF and self._ends:
            self._text.append(self._ends.pop())
        if tag != "p" or self._kind is None:
            return
        text = "".join(self._text)
        text = text.strip() if self._kind in {"words", "note"} else _BREAKS.sub(" ", text).strip()
        if text:
            self.blocks.append(Block(self._kind, text))
        self._kind = None
