"""By which ways citizens write, and what is left of a message where the town has lost all its disks. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Way(StrEnum):
    """How a message comes in."""

    IMAP = "mail, in a mailbox that is read"
    COPIED = "mail, handed over, with a copy in a mailbox that is read"
    HANDED_OVER = "mail, handed over, without a copy"
    SMS = "SMS"
    TELEGRAM = "Telegram"
    FORM = "the portal's form"


KEPT_BY: Final[Mapping[Way, str]] = {
    Way.IMAP: "the mailbox: read on from the backup's place",
    Way.COPIED: "the mailbox of copies, likewise",
    Way.HANDED_OVER: "nobody, once the relay was told 250",
    Way.SMS: "Twilio's list",
    Way.TELEGRAM: "nobody, once Telegram was told 200; a day what it could not deliver",
    Way.FORM: "nobody, once the page said that it was taken",
}
SOURCE_KEEPS: Final = frozenset({Way.IMAP, Way.COPIED, Way.SMS})


class When(StrEnum):
    """When a message was written."""

    BEFORE = "before the backup"
    SINCE = "since the backup"
    AMID = "in the last seconds"
    WHILE_AWAY = "while all was lost"


@dataclass(frozen=True)
class Written:
    """One message. address: its writer's, who wrote no other. taken: whether the town said that it has it."""

    way: Way
    when: When
    address: str
    taken: bool

    @property
    def is_still_somewhere(self) -> bool:
        """Return whether its source, or the backup, has it after the loss."""
        return self.when is When.BEFORE or self.way in SOURCE_KEEPS or (not self.taken and self.way is not Way.FORM)

    @property
    def was_refused(self) -> bool:
        """Return whether its writer was told that the town did not take it, and no machine tries again."""
        return self.way is Way.FORM and not self.taken


@dataclass(frozen=True)
class Receipt:
    """What reached a citizen. outbound_id: what a mail says that it is; "" elsewhere. again: under one Message-ID."""

    address: str
    reference: str
    at: datetime
    same: str = ""


@dataclass(frozen=True)
class Step:
    """One step of coming back, and how long it took."""

    name: str
    seconds: float
