"""A conversation with one mailbox, by imapclient, which blocks: it belongs to a thread of its own (mailbox_thread.py).

What imapclient 4.1 lacks, and is done here otherwise (docs/decisions/0042): `idle_check` takes a closed connection for
silence, a login that broke off looks like one that was refused, and one odd answer spoils those of a whole FETCH. What
servers say is left out of its logs, for it may be a mail.
"""

import imaplib
import logging
import select
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from typing import Any, Final

from imapclient import SocketTimeout
from imapclient.exceptions import IMAPClientError

from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.connection.errors import (
    MailboxError,
    SignInRefusedError,
    code_in,
    of_connecting,
    of_signing_in,
    of_talking,
)
from guichet_mail.receive.imap.connection.folder import Folder, Listed, folder_of, size_and_date
from guichet_mail.receive.imap.connection.sasl import TokenShown
from guichet_mail.receive.imap.connection.wire import MOST_BYTES, BoundedClient, Line

CONNECT_S: Final = 15.0
GOODBYE_S: Final = 2.0
ANSWER_S: Final = 60.0  # between two pieces of an answer
SEARCHED_EARLIER: Final = timedelta(days=2)  # a server searches by days of a time zone of its own
HIGHEST_UID: Final = 2**32 - 1  # RFC 9051 9, nz-number

logging.getLogger("imapclient").setLevel(logging.WARNING)


class MailboxSession:
    """One connection. Every method raises MailboxError, and after that the connection is worth nothing but `close`.

    line: by which another thread ends it.
    """

    def __init__(self, account: ImapAccount, trust: ssl.SSLContext, line: Line) -> None:
        host, port = account.address
        self._account = account
        self._trust = trust
        timeout = SocketTimeout(connect=CONNECT_S, read=ANSWER_S)
        try:
            self._client = BoundedClient(host, port, timeout, trust if account.security == "tls" else None, line)
        except (OSError, imaplib.IMAP4.error) as exc:
            raise of_connecting(exc, host, port) from None
        self._client.normalise_times = False
        self._client.bound(MOST_BYTES)
        if account.security == "starttls":
            self._start_tls()

    def _start_tls(self) -> None:
        host, port = self._account.address
        try:
            self._client.starttls(self._trust)
        except IMAPClientError as exc:
            self.close()
            raise MailboxError(f"{host}:{port} offers no STARTTLS: see security and port.") from exc
        except OSError as exc:
            self.close()
            raise of_connecting(exc, host, port) from None

    def sign_in(self, password: str, token: str) -> None:
        """Sign in, by token where the account does. Raises SignInRefusedError too."""
        account, shown = self._account, None
        try:
            if account.signs_in_by == "password":
                self._sign_in_by_password(password)
            else:
                shown = TokenShown(account.signs_in_by.upper(), account.user, *account.address, token)
                self._client.sasl_login(shown.mechanism, shown)
        except Exception as exc:
            raise of_signing_in(exc, account.user, (password, token), shown.why if shown else "") from None

    def _sign_in_by_password(self, password: str) -> None:
        if self._client.has_capability("AUTH=PLAIN"):  # which takes any character
            self._client.plain_login(self._account.user, password)
        elif not f"{self._account.user}{password}".isascii():
            raise SignInRefusedError("this server takes user and password in ASCII alone (it has no AUTH=PLAIN).")
        else:
            self._client.login(self._account.user, password)

    def can(self, capability: str) -> bool:
        """Return whether the server has an extension."""
        with _said():
            return bool(self._client.has_capability(capability))

    def select(self, *, to_change: bool) -> Folder:
        """Open the account's folder and see what is new. to_change: so that mails may be flagged or moved."""
        try:
            said = self._client.select_folder(self._account.folder, readonly=not to_change)
        except imaplib.IMAP4.readonly:
            said = self._select_to_read()
        except imaplib.IMAP4.abort as exc:
            raise of_talking(exc) from None
        except IMAPClientError as exc:
            why = code_in(str(exc)) or "refused"
            raise MailboxError(
                f"the folder {self._account.folder} cannot be opened ({why}): `guichet mailbox check` lists all."
            ) from None
        except Exception as exc:
            raise of_talking(exc) from None
        return folder_of(said)

    def _select_to_read(self) -> Any:
        with _said():
            return self._client.select_folder(self._account.folder, readonly=True)

    def folders(self) -> list[str]:
        """Return the names of all folders."""
        with _said():
            return [str(name) for _, _, name in self._client.list_folders()]

    def search(self, after: int, since: datetime | None) -> list[int]:
        """Return the numbers of the mails behind `after`. since: those that the mailbox took from then on, and some
        older ones."""
        criteria: list[str | int | date] = ["UID", f"{after + 1}:*"]
        if since is not None:
            criteria += ["SINCE", (since - SEARCHED_EARLIER).date()]
        with _said():  # of `n:*` a server names its last mail, whatever its number
            return sorted(uid for uid in map(int, self._client.search(criteria)) if after < uid <= HIGHEST_UID)

    def listed(self, uids: Iterable[int]) -> list[Listed]:
        """Return what the server says of these mails; those that it says nothing of are left out."""
        found = self._fetch([*uids], ["INTERNALDATE", "RFC822.SIZE"])
        return [Listed(uid, *size_and_date(said)) for uid, said in sorted(found.items())]

    def mails(self, uids: Iterable[int], size: int) -> dict[int, bytes]:
        """Return the mails, by number, without marking them as read; those that the server does not give are left
        out. size: of them all, as it said."""
        self._client.bound(MOST_BYTES + 2 * size)
        found = self._fetch([*uids], ["BODY.PEEK[]"])
        self._client.bound(MOST_BYTES)
        return {uid: mail for uid, said in found.items() if isinstance(mail := said.get(b"BODY[]"), bytes) and mail}

    def head(self, uid: int) -> bytes:
        """Return a mail's headers alone, blank where the server does not give them."""
        said = self._fetch([uid], ["BODY.PEEK[HEADER]"]).get(uid, {})
        head = said.get(b"BODY[HEADER]")
        return head if isinstance(head, bytes) else b""

    def _fetch(self, uids: list[int], what: list[str]) -> dict[int, dict[bytes, Any]]:
        """Fetch together; where the answer cannot be understood, one after the other, so that one spoils no other."""
        try:
            return dict(self._client.fetch(uids, what))
        except (OSError, imaplib.IMAP4.abort) as exc:
            raise of_talking(exc) from None
        except Exception:
            return dict(self._fetched_alone(uids, what))

    def _fetched_alone(self, uids: list[int], what: list[str]) -> Iterator[tuple[int, dict[bytes, Any]]]:
        for uid in uids:
            try:
                yield from self._client.fetch([uid], what).items()
            except (OSError, imaplib.IMAP4.abort) as exc:
                raise of_talking(exc) from None
            except Exception:  # noqa: S112 - odd: left out, and asked for again
                continue

    def flag(self, uids: Iterable[int], flag: str) -> bool:
        """Mark mails; return whether the server let us."""
        return self._let_us(lambda: self._client.add_flags([*uids], [flag], silent=True))

    def move(self, uids: Iterable[int], folder: str) -> bool:
        """Move mails to another folder; return whether the server let us. Without MOVE and UIDPLUS none is moved: who
        deletes otherwise deletes what others marked, too."""
        moved = [*uids]
        if self.can("MOVE"):
            return self._let_us(lambda: self._client.move(moved, folder))
        if not self.can("UIDPLUS"):
            return False
        return self._let_us(lambda: self._moved_by_hand(moved, folder))

    def _moved_by_hand(self, uids: list[int], folder: str) -> None:
        self._client.copy(uids, folder)
        self._client.delete_messages(uids, silent=True)
        self._client.uid_expunge(uids)

    def _let_us(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except (OSError, imaplib.IMAP4.abort) as exc:
            raise of_talking(exc) from None
        except IMAPClientError:
            return False
        return True

    def wait_for_news(self, seconds: float, woken: socket.socket) -> bool:
        """IDLE: return once the server tells something, `woken` can be read, or so long has passed; True for news."""
        with _said():
            self._client.idle()
            if self._client.holds_more():  # came in one packet with the server's consent
                self._client.idle_done()
                return True
            poller, server = select.poll(), self._client.socket()
            for each in (server, woken):
                poller.register(each, select.POLLIN)
            ready = {number for number, _ in poller.poll(seconds * 1000)}
            _, told = self._client.idle_done()
            return server.fileno() in ready or bool(told)

    def say_goodbye(self) -> None:
        """Take leave, and wait for no answer for long."""
        with suppress(Exception):
            self._client.socket().settimeout(GOODBYE_S)
            self._client.logout()

    def close(self) -> None:
        """Let the connection go. The last call."""
        with suppress(Exception):
            self._client.shutdown()


@contextmanager
def _said() -> Iterator[None]:
    """Say in a sentence what the library raises, whatever that is: it reads what others write."""
    try:
        yield
    except Exception as exc:
        raise of_talking(exc) from None
