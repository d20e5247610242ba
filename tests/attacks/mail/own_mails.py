"""Mails as each mail system hands them over: what it wrote, and between that what whoever sent them wrote.

Made of the mails that the channel's own tests read (shared/channels/mail/tests/read/own/own_systems).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from guichet.channel.envelope import LMTP, Envelope
from guichet.contracts.inbound import DateSource, Suspicion
from guichet_mail.read.own.own_system import OwnSystem
from guichet_mail.read.own.own_system_file import OwnSystemFile
from guichet_mail.read.parse import MailReader
from guichet_mail.town_mailboxes import TownMailboxes

FOLDER: Final = Path(__file__).parents[3] / "shared/channels/mail/tests/read/own/own_systems"
CONTACT: Final = "contact@mairie.example"
NAMES: Final = {"zimbra": "mail.mairie.example", "postfix": "mx.mairie.example", "postfix-rspamd": "mx.mairie.example"}
ARRIVED_AT: Final = datetime(2026, 12, 2, 12, tzinfo=UTC)
SPAM_OF: Final = {"zimbra", "postfix", "postfix-rspamd", "microsoft-365", "ovhcloud"}

_STRANGERS_FIRST: Final = (
    "DKIM-Signature:",
    "From:",
    "Received: from MBX01.courriel.example (192.168",
    "Received: from hermes",
    "Received: by mail-",
)
_OWN_AGAIN: Final = ("X-IncomingHeaderCount:", "X-OVH-Remote:", "X-Spam-Level: *", "X-Rspamd-")


@dataclass(frozen=True)
class OwnMail:
    """preset: whose. top, end: what the mail system wrote. middle: what came in."""

    preset: str
    top: str
    middle: str
    end: str

    def with_forged(self, forged: str) -> bytes:
        """Return the mail, with more headers at the very top of what came in."""
        lines = f"{self.top}{forged}{self.middle}{self.end}\nBonjour\n"
        return lines.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape")


@dataclass(frozen=True)
class Outcome:
    """What a mail becomes, of all that its headers may decide."""

    authenticated: bool | None
    received_at: datetime
    dated_by: DateSource
    suspended: Suspicion | None


def own_mail(name: str) -> OwnMail:
    """Return a mail of the folder, cut where a stranger's part begins and ends."""
    head, _, _ = (FOLDER / f"{name}.eml").read_text().partition("\n\n")
    fields = [f"{each}\n" for each in head.replace("\n ", "\n\x00").replace("\n\t", "\n\x01").split("\n")]
    fields = _unfolded(fields)
    begin = next(n for n, each in enumerate(fields) if each.startswith(_STRANGERS_FIRST))
    end = next((n for n, each in enumerate(fields) if n > begin and each.startswith(_OWN_AGAIN)), len(fields))
    return OwnMail(name.partition(".")[0], "".join(fields[:begin]), "".join(fields[begin:end]), "".join(fields[end:]))


def _unfolded(lines: list[str]) -> list[str]:
    fields: list[str] = []
    for each in lines:
        if each[0] in "\x00\x01":
            fields[-1] += (" " if each[0] == "\x00" else "\t") + each[1:]
        else:
            fields.append(each)
    return fields


def system_of(preset: str) -> OwnSystem:
    """Return a town's own mail system, which waits for a person with whatever it takes for spam, if it tells spam."""
    spam = {"spam": "verdict"} if preset in SPAM_OF else {}
    return OwnSystemFile.model_validate({"preset": preset, "authserv_id": NAMES.get(preset), **spam}).system()


def outcome(preset: str, mail: bytes) -> Outcome:
    """Return what a town behind such a mail system makes of a mail."""
    reader = MailReader(TownMailboxes([CONTACT], CONTACT), b"k" * 32, {LMTP: system_of(preset)})
    draft = reader.read(Envelope("x@evil.example", (CONTACT,), mail), ARRIVED_AT)
    assert draft.content.thread is not None
    return Outcome(draft.content.thread.authenticated, draft.received_at, draft.dated_by, draft.suspended)
