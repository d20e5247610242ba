"""A mail as the mail server handed it over, and as a dead letter keeps it. Pure."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from guichet.errors import PermanentError

LMTP: Final = "lmtp"

_KEPT = re.compile(
    rb"(?:X-Guichet-Way: ([^\r\n]+)\r\n)?(?:X-Guichet-Internal-Date: ([^\r\n]+)\r\n)?"
    rb"((?:X-Original-To: [^\r\n]*\r\n)*)Return-Path: <([^\r\n]*)>\r\n"
)


@dataclass(frozen=True)
class Envelope:
    """return_path: the SMTP sender, empty when null. recipients: as accepted, in order. content: the mail's bytes.

    way: by which the mail came in, `lmtp` or `imap:<account>`. internal_date: when the mailbox that it came from took
    it, by that server's clock (aware); None where no mailbox says so.
    """

    return_path: str = field(repr=False)
    recipients: tuple[str, ...] = field(repr=False)
    content: bytes = field(repr=False)
    way: str = LMTP
    internal_date: datetime | None = None

    def to_bytes(self) -> bytes:
        """Return the mail with its envelope in front, as mail servers write it: what a dead letter keeps.

        The sender comes last, so that a recipient that the mail itself names is never taken for one of ours.
        """
        lines = [*self._whence(), *(f"X-Original-To: {each}" for each in self.recipients)]
        lines.append(f"Return-Path: <{self.return_path}>")
        return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape") + self.content

    def _whence(self) -> list[str]:
        way = [] if self.way == LMTP else [f"X-Guichet-Way: {self.way}"]
        date = self.internal_date
        return [*way, *([] if date is None else [f"X-Guichet-Internal-Date: {date.isoformat()}"])]

    @classmethod
    def from_bytes(cls, kept: bytes) -> Self:
        """Read what `to_bytes` wrote, now or before it told ways apart. Raises PermanentError where no envelope stands
        in front."""
        found = _KEPT.match(kept)
        if found is None:
            raise PermanentError("no envelope stands in front of this mail", reason="not-a-record")
        way, date, named, return_path = found.groups()
        recipients = (line.removeprefix(b"X-Original-To: ") for line in named.split(b"\r\n")[:-1])
        return cls(
            _text(return_path),
            tuple(map(_text, recipients)),
            kept[found.end() :],
            way=_text(way) if way else LMTP,
            internal_date=_date(date) if date else None,
        )


def _text(address: bytes) -> str:
    return address.decode("utf-8", "surrogateescape")


def _date(written: bytes) -> datetime:
    try:
        return datetime.fromisoformat(_text(written))
    except ValueError as exc:
        raise PermanentError("the internal date in front of this mail is none", reason="not-a-record") from exc
