"""Whether a mail is one that came before, brought again by a route that added a banner or a subject tag. Pure.

A banner is part of the mail, so that it gets another id at its adapter, which can open nothing to compare. Who can asks
here (docs/decisions/0045): the same head, the same files, and all the words of one in the other, with little around.
"""

from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from guichet.contracts.inbound_content import InboundContent, MailThread

MOST_ADDED: Final = 1000  # characters of words; the longest banners in use have half as many
LONGEST_TAG: Final = 60  # of a subject: [EXTERNE], *** SPAM ***


@dataclass(frozen=True)
class AddedLines:
    """What one of two copies has and the other has not: whole lines, at its beginning and at its end."""

    before: tuple[str, ...] = field(default=(), repr=False)
    after: tuple[str, ...] = field(default=(), repr=False)

    @property
    def all(self) -> tuple[str, ...]:
        """Every line that was added."""
        return (*self.before, *self.after)


def added_lines(longer: str, shorter: str) -> AddedLines | None:
    """Return the whole lines that `longer` has around all words of `shorter`; None where it is not so, or for too much.

    Blanks and line ends do not count: a server may break lines anew, and HTML has others than text.
    """
    words, lines = _bare(shorter), [line.strip() for line in longer.splitlines() if line.strip()]
    bare = [_bare(line) for line in lines]
    whole, ends = "".join(bare), [0, *accumulate(map(len, bare))]
    room = len(whole) - len(words)
    if not 0 <= room <= MOST_ADDED:
        return None
    line_at = {end: number for number, end in enumerate(ends)}
    for number, begin in enumerate(ends):
        if begin > room:
            return None
        last = line_at.get(begin + len(words))
        if last is not None and whole.startswith(words, begin):
            return AddedLines(tuple(lines[:number]), tuple(lines[last:]))
    return None


def are_copies(one: InboundContent, other: InboundContent) -> bool:
    """Say whether two mails are one, but for what a route on the way to the town may have added to either.

    Nothing is said of who vouches for them: that is its recipient's to weigh.
    """
    return (
        _head(one) == _head(other)
        and one.files_digest == other.files_digest
        and len(one.attachment_names) == len(other.attachment_names)
        and (bool(_bare(one.text) and _bare(other.text)) or one.files_digest is not None)
        and _is_tagged(one.subject or "", other.subject or "")
        and (added_lines(one.text, other.text) or added_lines(other.text, one.text)) is not None
    )


def _head(content: InboundContent) -> tuple[object, ...]:
    """Return what every route leaves as it is: who wrote and where answers go, when, and what it answers."""
    thread = content.thread or MailThread()
    people = tuple((each.kind, each.value.strip().lower()) for each in content.sender)
    return people, content.display_name, content.written_at, thread.message_id, thread.in_reply_to, thread.references


def _is_tagged(one: str, other: str) -> bool:
    shorter, longer = sorted((" ".join(one.split()), " ".join(other.split())), key=len)
    return len(longer) - len(shorter) <= LONGEST_TAG and (longer.endswith(shorter) or longer.startswith(shorter))


def _bare(text: str) -> str:
    return "".join(text.split())
