"""What was found in something enclosed that is more than a file."""

from collections.abc import Callable
from dataclasses import dataclass, field

from guichet.channel.draft import DraftFile
from guichet.contracts.inbound_content import Remark
from guichet_mail.read.rare.patience import Patience


@dataclass(frozen=True)
class Opened:
    """text: its words, as they stand in the letter. letter: words that stand there only if there are no others."""

    text: str = field(default="", repr=False)
    files: tuple[DraftFile, ...] = ()
    remarks: tuple[Remark, ...] = ()
    letter: str = field(default="", repr=False)


@dataclass(frozen=True)
class Contents(Opened):
    """All that a mail holds. heading: who wrote it to whom and when, in lines, if it came within another."""

    heading: str = field(default="", repr=False)


ReadMail = Callable[[bytes], Contents]
"""Reads a mail within a mail. Raises PermanentError where it cannot be read, or lies too deep."""


@dataclass(frozen=True)
class Within:
    """What an opener may do: read a mail, and let a library work for a while."""

    read: ReadMail
    patience: Patience


UNOPENED = Opened(remarks=(Remark.UNOPENED,))
