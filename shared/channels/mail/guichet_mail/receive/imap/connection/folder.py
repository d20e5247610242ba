"""What a server says of a folder, and of the mails in it. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from guichet_mail.receive.imap.connection.errors import MailboxError

HIGHEST: Final = 2**63  # what the store keeps; RFC 9051 9 wants half as many bits


@dataclass(frozen=True)
class Folder:
    """A folder as it was selected. next_uid: of the next mail, where the server says it. flags: that it lets us set."""

    validity: int
    next_uid: int | None
    mails: int
    is_writable: bool
    flags: frozenset[str]

    def keeps(self, flag: str) -> bool:
        """Return whether mails may be marked so (RFC 9051 7.1, PERMANENTFLAGS)."""
        return self.is_writable and (flag in self.flags or ("\\*" in self.flags and not flag.startswith("\\")))


@dataclass(frozen=True)
class Listed:
    """What a server says of a mail before it is fetched. size: in bytes; some servers guess it. date: aware."""

    uid: int
    size: int
    date: datetime | None


def folder_of(said: dict[bytes, Any]) -> Folder:
    """Return a folder, of what imapclient tells of a SELECT. Raises MailboxError."""
    validity, next_uid = _number(said.get(b"UIDVALIDITY")), _number(said.get(b"UIDNEXT"))
    if validity is None:
        raise MailboxError("the server does not say how it counts mails (UIDVALIDITY): it cannot be read.")
    is_writable = b"READ-WRITE" in said and b"READ-ONLY" not in said
    flags = frozenset(each.decode("ascii", "replace").strip("()") for each in said.get(b"PERMANENTFLAGS", ()))
    return Folder(validity, next_uid, _number(said.get(b"EXISTS")) or 0, is_writable, flags)


def _number(said: Any) -> int | None:
    try:
        number = int(said)
    except (TypeError, ValueError):
        return None
    return number if 0 <= number < HIGHEST else None


def size_and_date(said: dict[bytes, Any]) -> tuple[int, datetime | None]:
    """Return both, of what imapclient tells of a FETCH: what is missing or odd is 0 or None."""
    at = said.get(b"INTERNALDATE")
    try:
        aware = at.astimezone(UTC) if isinstance(at, datetime) and at.tzinfo is not None else None
    except OverflowError:  # of the year 9999
        aware = None
    return _number(said.get(b"RFC822.SIZE")) or 0, aware
