"""A folder of a mailbox in a real Dovecot: filled at the files, looked at by IMAP, broken, mended and rebuilt."""

import os
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from imaplib import IMAP4, Internaldate2tuple, Time2Internaldate
from itertools import count
from pathlib import Path
from typing import Any, Final

WANTED: Final = "(UID FLAGS INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
FOLDERS: Final = ("tmp", "cur", "new")
_LISTED: Final = re.compile(rb"UID (\d+) FLAGS \(([^)]*)\) INTERNALDATE")
_nth: Final = count(1)  # of all that this process delivers


@dataclass(frozen=True)
class Listed:
    r"""A mail as its folder lists it. flags: such as `\Seen`. received_at: its internal date."""

    uid: int
    flags: frozenset[str]
    received_at: datetime
    message_id: str


@dataclass(frozen=True)
class Mailbox:
    """One folder. user: whose. maildir: where its files lie. signed_in: opens a session as that user."""

    user: str
    maildir: Path
    signed_in: Callable[[], AbstractContextManager[IMAP4]] = field(repr=False)
    folder: str = "INBOX"

    def deliver(self, mails: Iterable[bytes], received_at: datetime | None = None) -> None:
        """Put mails into the folder as a mail server's delivery does, running or not: thousands a second, in order.

        received_at: their internal date, to the second; now unless told.
        """
        self.stage(mails, received_at)()

    def stage(self, mails: Iterable[bytes], received_at: datetime | None = None) -> Callable[[], None]:
        """Write mails beside the folder; what is returned puts all of them into it at once."""
        for name in FOLDERS:
            (self.maildir / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        written = [self._written(each, received_at) for each in mails]

        def put_in() -> None:
            for each in written:
                each.rename(self.maildir / "new" / each.name)

        return put_in

    def _written(self, mail: bytes, received_at: datetime | None) -> Path:
        now = time.time()
        name = f"{int(now)}.M{next(_nth):06}P{os.getpid()}.test"  # their UIDs follow the order of these names
        written = self.maildir / "tmp" / name
        written.write_bytes(mail)
        seconds = received_at.timestamp() if received_at else now
        os.utime(written, (seconds, seconds))
        return written

    def append(self, mail: bytes, received_at: datetime, *flags: str) -> None:
        """Put one mail into the folder by IMAP."""
        with self.signed_in() as session:
            answer = session.append(_quoted(self.folder), " ".join(flags), Time2Internaldate(received_at), mail)
            _expect(answer)

    def add_folder(self, name: str) -> "Mailbox":
        """Create a folder in this mailbox, such as `Traités`, and return it."""
        with self.signed_in() as session:
            _expect(session.create(_quoted(name)))
        return Mailbox(self.user, self.maildir / f".{_in_utf7(name)}", self.signed_in, name)

    def listing(self) -> list[Listed]:
        """Return what lies in the folder, by UID; looking changes no flag."""
        with self.signed_in() as session:
            _expect(session.select(_quoted(self.folder), readonly=True))
            found = _expect(session.uid("FETCH", "1:*", WANTED))
        return [_read(*each) for each in found if isinstance(each, tuple)]

    def uid_validity(self) -> int:
        """Return the folder's UIDVALIDITY."""
        with self.signed_in() as session:
            [answer] = _expect(session.status(_quoted(self.folder), "(UIDVALIDITY)"))
        return int(answer.rstrip(b")").rpartition(b" ")[2])

    def break_down(self) -> None:
        """Let the server find nothing but an error in the folder; who signs in still may."""
        self._set_rights(0)

    def let_only_read(self) -> None:
        """Let nobody flag, move or add a mail in the folder."""
        self._set_rights(0o500)

    def mend(self) -> None:
        """Let it read and write the folder again."""
        self._set_rights(0o700)

    def rebuild(self) -> None:
        """Lose what the server knows of the mailbox but its mails: they get a new UIDVALIDITY and new UIDs."""
        before = self.uid_validity()
        while self.uid_validity() == before:  # whoever has the folder open may write down what it knew
            while time.time() < before + 1:  # a UIDVALIDITY is the second in which it was given
                time.sleep(0.05)
            for known in self.maildir.glob("**/dovecot*"):
                known.unlink(missing_ok=True)

    def _set_rights(self, mode: int) -> None:
        self.maildir.chmod(0o700)
        for each in (*map(self.maildir.joinpath, FOLDERS), self.maildir):
            each.chmod(mode)


def _read(told: bytes, header: bytes) -> Listed:
    found = _LISTED.search(told)
    moment = Internaldate2tuple(told)
    assert found is not None, told
    assert moment is not None, told
    flags = frozenset(found[2].decode().split())
    at = datetime.fromtimestamp(time.mktime(moment)).astimezone()
    return Listed(int(found[1]), flags, at, header.decode(errors="replace").partition(":")[2].strip())


def _expect(answer: tuple[str, list[Any]]) -> list[Any]:
    if answer[0] != "OK":
        raise IMAP4.error(str(answer))
    return answer[1]


def _quoted(folder: str) -> str:
    return f'"{_in_utf7(folder)}"'


def _in_utf7(name: str) -> str:
    """Write a folder's name as IMAP4rev1 wants it (RFC 3501, 5.1.3)."""

    def shifted(found: re.Match[str]) -> str:
        return f"&{b64encode(found[0].encode('utf-16-be')).decode().rstrip('=').replace('/', ',')}-"

    return re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-"))
