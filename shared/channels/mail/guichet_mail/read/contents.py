"""What a mail holds: its words, its files, and what an agent should know of how they came. Pure.

What comes wrapped (a mail within the mail, a signed or encrypted part) is opened, so many of it and so deep. It stays a
file, but for what lies within another that does: a photo would be kept at each level of mails within mails.
"""

from collections.abc import Iterator
from email.message import Message
from functools import cache
from typing import TYPE_CHECKING, Final

from guichet.channel.draft import DraftFile
from guichet.contracts.inbound_content import Remark
from guichet.errors import PermanentError
from guichet_mail.read.headers import Headers
from guichet_mail.read.parts import Leaf, files_of, letter_of, read_leaves
from guichet_mail.read.rare.forms import CONTAINERS, Form, form_of, is_ordinary
from guichet_mail.read.rare.forwarded import heading_of
from guichet_mail.read.rare.opened import UNOPENED, Contents, Opened, Within
from guichet_mail.read.rare.patience import Patience
from guichet_mail.read.rare.pgp import ARMOUR, open_text
from guichet_mail.read.rare.pictures import MARK, pictures_in
from guichet_mail.read.tree import is_cut_short, read_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from guichet_mail.read.rare.openers import Opener

MOST_OPENED: Final = 20
DEEPEST: Final = 3  # mails within mails; each costs to be read again


def plain_contents(leaves: list[Leaf]) -> Contents:
    """Return what a mail holds in which there is nothing to open."""
    return Contents(text=letter_of(leaves), files=files_of(leaves))


def contents_of(mail: Message, leaves: list[Leaf]) -> Contents:
    """Return what a mail holds. leaves: its parts."""
    if is_ordinary(leaves) and not mail.defects:
        return plain_contents(leaves)
    return _ContentsReader(sum(len(each.content) for each in leaves)).read(mail, leaves, DEEPEST)


@cache
def openers() -> "Mapping[Form, Opener]":
    """Return how rare forms are opened, by libraries that the adapter itself has no use for."""
    from guichet_mail.read.rare.openers import OPENERS  # noqa: PLC0415  15 MB that reader processes share

    return OPENERS


class _ContentsReader:
    """Opens what one mail has with it, and not without end."""

    def __init__(self, mail_bytes: int) -> None:
        self._left = MOST_OPENED
        self._patience = Patience(mail_bytes)

    def read(self, mail: Message, leaves: list[Leaf], levels: int) -> Contents:
        is_report = mail.get_content_type() == "multipart/report"  # has with it what the report is about: ours
        letter = _letter(leaves)
        opened, files, last = [letter], [*letter.files], list[DraftFile]()
        for leaf, file in _enclosed(leaves):
            form = None if is_report else form_of(leaf)
            found = self._open(form, leaf, levels) if form else Opened()
            opened.append(found)
            is_shown = form in CONTAINERS and levels < DEEPEST and found is not UNOPENED
            if not is_shown:  # of no use but to Outlook, a winmail.dat stands after what people look for
                (last if form is Form.WINMAIL else files).append(file)
            files += found.files
        words = letter.text or next((each.letter for each in opened if each.letter), "")
        texts = dict.fromkeys((words, *(each.text for each in opened[1:])))  # one event in two calendars
        remarks = [remark for each in opened for remark in each.remarks]
        return Contents(
            text="\n\n".join(filter(None, texts)),
            files=(*files, *_pictures(leaves), *last),
            remarks=tuple(dict.fromkeys((*remarks, *([Remark.CUT_SHORT] if is_cut_short(mail) else [])))),
        )

    def _open(self, form: Form, leaf: Leaf, levels: int) -> Opened:
        self._left -= 1
        if self._left < 0:
            return UNOPENED
        return openers()[form](leaf, Within(lambda content: self._read_within(content, levels - 1), self._patience))

    def _read_within(self, content: bytes, levels: int) -> Contents:
        if levels < 0:
            raise PermanentError("a mail within a mail, too deep", reason="unreadable")
        mail = read_tree(content)
        found = self.read(mail, read_leaves(mail), levels)
        return Contents(found.text, found.files, found.remarks, heading=heading_of(Headers.of(mail)))


def _enclosed(leaves: list[Leaf]) -> Iterator[tuple[Leaf, DraftFile]]:
    """Yield what is more than letter, each with its file; a calendar that comes twice once, by the name it was given.

    Most calendars do: beside the letter, for programs, and as a file.
    """
    groups: dict[object, list[tuple[Leaf, DraftFile]]] = {}
    for leaf, file in zip((each for each in leaves if not each.is_text), files_of(leaves), strict=True):
        same = _bare(leaf) if form_of(leaf) is Form.INVITATION else id(leaf)
        groups.setdefault(same, []).append((leaf, file))
    for group in groups.values():
        yield group[0][0], next((file for leaf, file in group if leaf.name), group[0][1])


def _bare(leaf: Leaf) -> bytes:
    """Return a text without what its transfer encoding decides: line ends, and the last one."""
    return leaf.content.replace(b"\r\n", b"\n").rstrip()


def _letter(leaves: list[Leaf]) -> Opened:
    text = letter_of(leaves)
    has_armour = any(ARMOUR in leaf.content for leaf in leaves if leaf.is_text)
    return open_text(text) if has_armour else Opened(text=text)


def _pictures(leaves: list[Leaf]) -> list[DraftFile]:
    written = (each.content for each in leaves if each.is_text and MARK in each.content)
    return [picture for html in written for picture in pictures_in(html)]
