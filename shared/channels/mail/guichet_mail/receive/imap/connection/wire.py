"""The connection below a conversation, by imapclient and imaplib, which bound neither what a server sends nor for how
long: what a server that was taken over sends must end this mailbox's conversation, and not the process."""

import imaplib
import socket
import ssl
from contextlib import suppress
from typing import Any, Final

from imapclient import IMAPClient, SocketTimeout

from guichet.contracts.topics import MIB

LONGEST_LINE: Final = 32 * MIB  # the numbers of some four million mails
MOST_BYTES: Final = LONGEST_LINE + 8 * MIB  # of an answer to a command
PIECE: Final = 256 * 1024  # also: of a greeting

imaplib._MAXLINE = LONGEST_LINE  # type: ignore[attr-defined]  # 1,000,000 bytes: a list of 125,000 mails is one line


class TooMuchError(OSError):
    """A server sends more than it was asked for. The connection is worth nothing any more."""


class Line:
    """What another thread ends a connection by, also one that is coming about."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._is_over = False

    def lead_over(self, connected: socket.socket) -> None:
        """Hear of the socket, before anything is read from it. Raises OSError where all is over."""
        self._socket = connected.dup()  # TLS takes the other for its own
        if self._is_over:
            raise ConnectionAbortedError("nobody waits for it any more")

    def break_off(self) -> None:
        """End the connection under whoever waits for it."""
        self._is_over = True
        with suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let it go. The last call."""
        if self._socket is not None:
            self._socket.close()


class _Bounded(imaplib.IMAP4):
    """room: how many bytes may still be read before the next command."""

    def __init__(self, host: str, port: int, connect_s: float, trust: ssl.SSLContext | None, line: Line) -> None:
        self.room = PIECE
        self.most = MOST_BYTES
        self._connect_s = connect_s
        self._trust = trust
        self._line = line
        super().__init__(host, port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002 - imaplib's name for it
        plain = socket.create_connection((self.host, self.port), self._connect_s)
        try:
            self._line.lead_over(plain)
            return plain if self._trust is None else self._trust.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise

    def _command(self, name: str, *args: Any) -> Any:
        self.room = self.most
        return super()._command(name, *args)  # type: ignore[misc]  # imapclient calls it, too

    def read(self, size: int) -> bytes:
        """Return so many bytes; the library asks for all that a server promises at once."""
        self._take(size)
        found = bytearray()
        while len(found) < size and (piece := super().read(min(PIECE, size - len(found)))):
            found += piece
        return bytes(found)

    def readline(self) -> bytes:
        """Return a line."""
        line = super().readline()
        self._take(len(line))
        return line

    def holds_more(self) -> bool:
        """Return whether something was read that nobody asked for yet: then the socket tells of nothing to read."""
        timeout = self.sock.gettimeout()
        self.sock.settimeout(0)  # to look into the file, and not to wait for more
        try:
            return bool(self.file.peek(1))  # type: ignore[union-attr]  # a BufferedReader, which its types do not say
        except ssl.SSLWantReadError:
            return False
        finally:
            self.sock.settimeout(timeout)

    def _take(self, size: int) -> None:
        self.room -= size
        if self.room < 0:
            raise TooMuchError("more than was asked for")


class BoundedClient(IMAPClient):  # type: ignore[misc]  # it has no types
    """imapclient's. trust: None without TLS."""

    def __init__(self, host: str, port: int, timeout: SocketTimeout, trust: ssl.SSLContext | None, line: Line) -> None:
        self._line = line
        super().__init__(host, port, ssl=trust is not None, ssl_context=trust, timeout=timeout)

    def _create_IMAP4(self) -> _Bounded:  # noqa: N802
        trust = self.ssl_context if self.ssl else None
        return _Bounded(self.host, self.port, self._timeout.connect, trust, self._line)

    def bound(self, most: int) -> None:
        """Let each answer from now on be of so many bytes at most."""
        self._imap.most = most

    def holds_more(self) -> bool:
        """Return whether the server said more than was asked for yet; waiting at the socket would not tell of it."""
        return bool(self._imap.holds_more())
