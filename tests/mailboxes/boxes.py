"""The town's mailboxes: how each is opened, what becomes of a mail taken in, and what is wrong with two of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from guichet_mail.imap_secrets import variable_of
from guichet_testing.real.dovecot import Dovecot
from guichet_testing.real.maildir import Mailbox
from guichet_testing.real.oauth import TokenEndpoint

ADDRESS: Final = "contact@mairie.example"  # the town's, whose mail arrives in all of them
SINCE: Final = "2026-01-01"
DONE: Final = "Traités"
PASSWORD: Final = "un mot de passe"
_WAYS_IN: Final = ("password", "xoauth2", "oauthbearer")


class Afterwards(StrEnum):
    """What becomes of a mail taken in."""

    LEAVE = "leave"
    FLAG = "flag"
    MOVE = "move"


class Wrong(StrEnum):
    """What is wrong with a mailbox; the value is the alarm that says so."""

    UNREADABLE = "mailbox-unreadable"
    REFUSED = "mailbox-refused"


@dataclass(frozen=True)
class Box:
    """One mailbox. name: in mail.yaml. done: the folder that its mails are moved to, where they are."""

    name: str
    sign_in: str
    afterwards: Afterwards
    inbox: Mailbox
    done: Mailbox | None
    wrong: Wrong | None = None

    @property
    def user(self) -> str:
        """Who signs in."""
        return self.inbox.user


def make_boxes(dovecot: Dovecot, count: int) -> list[Box]:
    """Make mailboxes, the last two of which are broken."""
    wrong = [*[None] * (count - 2), *Wrong]
    boxes = [_box(dovecot, nth, each) for nth, each in enumerate(wrong)]
    for each in boxes:
        if each.wrong is Wrong.UNREADABLE:
            each.inbox.break_down()
        elif each.wrong is Wrong.REFUSED:
            dovecot.switch_off(each.user)
    return boxes


def mend(dovecot: Dovecot, box: Box) -> None:
    """Put right what is wrong with it."""
    if box.wrong is Wrong.UNREADABLE:
        box.inbox.mend()
    else:
        dovecot.switch_on(box.user)


def _box(dovecot: Dovecot, nth: int, wrong: Wrong | None) -> Box:
    inbox = dovecot.add_user(f"boite-{nth}@mairie.example", PASSWORD)
    inbox.deliver([])
    afterwards = Afterwards.LEAVE if wrong else list(Afterwards)[nth % 3]
    done = inbox.add_folder(DONE) if afterwards is Afterwards.MOVE else None
    return Box(f"boite-{nth}", _WAYS_IN[nth // 3 % 3], afterwards, inbox, done, wrong)


def endpoints_of(boxes: list[Box], dovecot: Dovecot) -> dict[str, TokenEndpoint]:
    """Return who gives the tokens of each mailbox that is opened by one; not served yet."""
    return {each.name: TokenEndpoint(dovecot.tokens, each.user) for each in boxes if each.sign_in != "password"}


def mail_file(boxes: list[Box], dovecot: Dovecot, endpoints: dict[str, TokenEndpoint]) -> dict[str, Any]:
    """Return what mail.yaml says of them. endpoints: served."""
    return {"imap": {each.name: _account(each, dovecot, endpoints.get(each.name)) for each in boxes}}


def _account(box: Box, dovecot: Dovecot, endpoint: TokenEndpoint | None) -> dict[str, Any]:
    said: dict[str, Any] = {"host": dovecot.host, "port": dovecot.tls_port, "user": box.user, "since": SINCE}
    said |= {"mailboxes": [ADDRESS], "sign_in": box.sign_in}
    said["afterwards"] = {"move": DONE} if box.afterwards is Afterwards.MOVE else box.afterwards.value
    if endpoint is not None:
        said["oauth"] = {"token_url": endpoint.url, "client_id": endpoint.client_id}
    return said


def variables(boxes: list[Box], endpoints: dict[str, TokenEndpoint]) -> Iterator[tuple[str, str]]:
    """Yield the variables that open them."""
    for each in boxes:
        endpoint = endpoints.get(each.name)
        if endpoint is None:
            yield variable_of(each.name, "PASSWORD"), PASSWORD
        else:
            yield variable_of(each.name, "CLIENT_SECRET"), endpoint.client_secret
