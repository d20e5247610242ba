"""What a server says of a folder, and of the mails in it. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from guichet_mail.receive.imap.connection.errors import MailboxError


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
    try:
        validity = int(said[b"UIDVALIDITY"])
    except (KeyError, TypeError, ValueError):
        raise MailboxError("the server does not say how it counts mails (UIDVALIDITY): it cannot be read.") from None
    is_writable = b"READ-WRITE" in said and b"READ-ONLY" not in said
    flags = frozenset(each.decode("ascii", "replace").strip("()") for each in said.get(b"PERMANENTFLAGS", ()))
    return Folder(validity, said.get(b"UIDNEXT"), int(said.get(b"EXISTS", 0)), is_writable, flags)


def size_and_date(said: dict[bytes, Any]) -> tuple[int, datetime | None]:
    """Return both, of what imapclient tells of a FETCH: what is missing or odd is 0 or None."""
    size, at = said.get(b"RFC822.SIZE"), said.get(b"INTERNALDATE")
    aware = at.astimezone(UTC) if isinstance(at, datetime) and at.tzinfo is not None else None
    return size if isinstance(size, int) else 0, aware
