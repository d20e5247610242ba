"""A real Dovecot: mailboxes that tests fill, break, rebuild and take away, opened by a password or a token."""

import imaplib
import secrets
import shutil
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from guichet_local.errors import StartFailedError
from guichet_local.machine.certificates import AUTHORITY, SERVER, make_certificates
from guichet_local.machine.ports import HOST, answers, free_ports
from guichet_local.machine.process import ServerProcess, wait_until
from guichet_testing.real.dovecot_config import SIEVE_FILE, write_configuration
from guichet_testing.real.mail_servers import USERS, as_somebody, find_mail_server, first_line_of
from guichet_testing.real.maildir import Mailbox
from guichet_testing.real.oauth import TokenIssuer

USER: Final = "vmail"  # under whom all of it runs
PER_USER: Final = ("mail", "users", "switched-off")  # folders, each with something for each user


class Dovecot:
    """A Dovecot whose data lies in this folder, which holds nothing else; start it again and the mails are there.

    port: IMAP, where STARTTLS is offered and not asked for. tls_port: IMAP over TLS. authority: whom a client believes
    that its certificate is right, for 127.0.0.1 and localhost. tokens: signs those that open a mailbox here.
    relay_port: then it takes mail in at lmtp_port, runs its users' Sieve, and hands what that writes to a relay there.
    """

    def __init__(self, folder: Path, *, relay_port: int | None = None) -> None:
        self.host = HOST
        self.port, self.tls_port, self.lmtp_port = free_ports(3)
        self._delivering = None if relay_port is None else (self.lmtp_port, relay_port)
        self.tokens = TokenIssuer()
        self.authority = folder / "tls" / AUTHORITY
        self.certificate = folder / "tls" / SERVER
        self._folder = folder
        self._forgotten: set[str] = set()
        self._prepare()
        command = [str(find_mail_server("dovecot")), "-F", "-c", str(folder / "dovecot.conf")]
        self._process = ServerProcess(
            "Dovecot", as_somebody(folder, USER, command), folder / "dovecot.log", outlives_us=True
        )

    @property
    def pid(self) -> int:
        """The id of its first process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """True while it runs."""
        return self._process.is_alive

    def start(self) -> None:
        """Start it unless it runs, and return when it answers. Raises StartFailedError."""
        if self.is_alive:
            return
        shutil.rmtree(self._folder / "run", ignore_errors=True)  # says which process runs, also after a kill
        (self._folder / "run").mkdir()
        self._process.start()
        wait_until(lambda: answers(self.port), "Dovecot answers", check=self._process.raise_if_ended)

    def stop(self) -> None:
        """Stop it in order: whoever is connected is told so."""
        self._process.stop()

    def kill(self) -> None:
        """End all its processes at once, as a power cut would."""
        self._process.kill()

    def add_user(self, user: str, password: str = "") -> Mailbox:
        """Let somebody sign in, and return their INBOX, empty. password: unless told, one that nobody knows."""
        home = self._folder / "mail" / user
        home.mkdir()
        self._write_password(user, password or secrets.token_hex())
        if user in self._forgotten:
            self._wait_until_read()
        return Mailbox(user, home / "Maildir", partial(self.signed_in, user))

    def filter_mail(self, user: str, script: str) -> None:
        """Have all that comes in for this user go through a Sieve script."""
        (self._folder / "mail" / user / SIEVE_FILE).write_text(script)

    def change_password(self, user: str, password: str) -> None:
        """Let this password open the mailbox, and the former one no more."""
        self._write_password(user, password)
        self._wait_until_read()

    def switch_off(self, user: str) -> None:
        """Let neither a password nor a token open this user's mailbox. Who is signed in stays."""
        (self._folder / "switched-off" / user).write_text(f"{user}:\n")
        self._wait_until_read()

    def switch_on(self, user: str) -> None:
        """Let them sign in again."""
        (self._folder / "switched-off" / user).unlink()
        self._wait_until_read()

    def forget_users(self) -> None:
        """Take all users and their mails away."""
        self._forgotten.update(each.name for each in (self._folder / "mail").iterdir())
        for maildir in (self._folder / "mail").glob("*/Maildir"):
            maildir.chmod(0o700)  # a test may have broken it
        for kind in PER_USER:
            wait_until(partial(_is_removed, self._folder / kind), f"{kind} is removed")
            (self._folder / kind).mkdir()

    @contextmanager
    def signed_in(self, user: str) -> Iterator[imaplib.IMAP4]:
        """Open a session as this user."""
        token = self.tokens.token(user)
        session = imaplib.IMAP4(self.host, self.port)
        try:
            session.authenticate("XOAUTH2", lambda _: f"user={user}\1auth=Bearer {token}\1\1".encode())
            yield session
        finally:
            session.shutdown()

    def _prepare(self) -> None:
        for name in ("state", *PER_USER):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        make_certificates(self._folder / "tls")
        ports = (self.port, self.tls_port)
        write_configuration(self._folder, USER, ports, self.tokens.public_key, self._delivering)

    def _write_password(self, user: str, password: str) -> None:
        secret = b64encode(password.encode()).decode()
        written = self._folder / "users" / f"{user}.new"
        written.write_text(f"{user}:{{PLAIN.b64}}{secret}:{USERS[USER]}:{USERS[USER]}::{self._folder}/mail/{user}::\n")
        written.rename(self._folder / "users" / user)

    def _wait_until_read(self) -> None:
        """Return when who signs in is judged by what was written: a file is looked at once in a second of the clock."""
        time.sleep(1.01 - time.time() % 1)


def _is_removed(folder: Path) -> bool:
    with suppress(OSError):  # who is still at work for a connection that broke writes a file meanwhile
        shutil.rmtree(folder)
    return not folder.exists()


@contextmanager
def running_dovecot(folder: Path, **options: Any) -> Iterator[Dovecot]:
    """Run a Dovecot whose data lies in this folder. options: its own. Raises StartFailedError."""
    server = Dovecot(folder, **options)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def why_no_sieve() -> str | None:
    """Return why a Dovecot that is there runs no Sieve script, or None."""
    return None if find_mail_server("sievec") else "no Sieve in Dovecot: deploy/bootstrap.sh mailservers"


def why_no_dovecot(folder: Path) -> str | None:
    """Return why there can be no Dovecot here, or None. folder: to try it in."""
    binary = find_mail_server("dovecot")
    if binary is None:
        return "no Dovecot: deploy/bootstrap.sh mailservers"
    try:
        version = first_line_of(as_somebody(folder, USER, [str(binary), "--version"]))
    except StartFailedError as exc:
        return f"no Dovecot in a namespace of its own: {exc}"
    return None if version.startswith("2.3.") else f"no Dovecot 2.3, whose configuration ours is: {version}"
