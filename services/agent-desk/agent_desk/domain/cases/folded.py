"""What of a mail is folded where it is shown: what it quotes beneath, and a signature. Pure.

mail-parser-reply knows how mail programs, French ones too, begin a quotation and a signature. It is given the outline
of a text, short lines with few blank ones between them: over long lines and many blank ones, which somebody might send
for that, its patterns take seconds. What a citizen wrote among quoted lines, or at length after a greeting, stays in
view.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from mailparser_reply.parser import EmailMessage

LONGEST: Final = 100_000  # signs of a text of which any is folded
_READ: Final = 200  # lines with words in which a quotation or a signature is looked for
_SHORT: Final = 40  # signs of a line in the outline
_END: Final = 60  # signs of either end of a line that may begin a quotation, of which there are few
_BEGINNINGS: Final = 10
_SIGNATURE: Final = 8  # lines at most, the greeting's among them: what is longer may be a postscript
_RULE: Final = re.compile(r"[_-]{32,}")
_WROTE: Final = re.compile(r"(écrit|wrote)\s?:$")
_OPENINGS: Final = ("Le ", "On ", "> Le ", "> On ")


@dataclass(frozen=True)
class Folded:
    """A text in two parts. folded: empty where all of it is shown."""

    shown: str = field(repr=False)
    folded: str = field(default="", repr=False)


def fold(text: str) -> Folded:
    """Return what is shown of a mail's text, and what is folded beneath it. Nothing of either is changed."""
    if len(text) > LONGEST:
        return Folded(text)
    lines = text.splitlines(keepends=True)
    written = [place for place, line in enumerate(lines) if line.strip()]
    kept = _lines_of_their_own(lines) if len(written) > 1 else 0
    if not 0 < kept < len(written) or not _may_fold([lines[place].strip() for place in written[kept:]]):
        return Folded(text)
    return Folded("".join(lines[: written[kept]]).rstrip(), "".join(lines[written[kept] :]))


def _may_fold(rest: Sequence[str]) -> bool:
    """Whether these lines are what they seem to be: a quotation without an answer in it, or a short signature."""
    quoted = [place for place, line in enumerate(rest) if line.startswith(">")]
    if quoted:
        return all(line.startswith(">") for line in rest[quoted[0] :])
    return len(rest) <= _SIGNATURE or any(line.startswith(("De :", "From:")) for line in rest[: _SIGNATURE + 1])


def _lines_of_their_own(lines: Sequence[str]) -> int:
    """Return how many of the lines with words come before the first quotation or the signature."""
    outline, counts = _outline([line.strip() for line in lines])
    message = EmailMessage(text=outline, languages=["fr", "en"], keep_hyphen_lists=True).read()
    own = message.replies[0]
    words = own.content[: own.content.rfind(own.signatures)] if own.signatures else own.content
    return sum(counts[: sum(bool(line.strip()) for line in words.split("\n"))])


def _outline(lines: Sequence[str]) -> tuple[str, list[int]]:
    """Return a text's outline, and of each of its lines with words how many lines of the text it stands for."""
    outline: list[str] = []
    counts: list[int] = []
    beginnings = 0
    for line in lines:
        if len(counts) >= _READ:
            break
        begins = _WROTE.search(line) is not None and beginnings < _BEGINNINGS
        beginnings += begins
        if begins and outline and outline[-1].startswith(_OPENINGS) and not line.startswith(_OPENINGS):
            outline[-1], counts[-1] = f"{outline[-1]} {line[-_END:]}", counts[-1] + 1  # it begins in two lines
        elif line:
            outline.append(_short(line, begins=begins))
            counts.append(1)
        elif outline and outline[-1]:
            outline.append("")
    return "\n".join(outline), counts


def _short(line: str, *, begins: bool) -> str:
    if begins:
        return f"{line[:_END]} {line[-_END:]}"
    return "--" if _RULE.fullmatch(line) else line[:_SHORT]
