"""Zoé is away, and so is the town hall: of two real vacation responders each answers a letter once. R25 (docs/law.md 46)."""

import asyncio
import shutil
import smtplib
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import make_msgid

import pytest

from guichet.contracts.delivery import OWN_MAIL_HEADER
from guichet_local.machine.ports import free_ports
from guichet_local.stack import LocalStack
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.real.dovecot import Dovecot, running_dovecot, why_no_sieve
from guichet_testing.real.maildir import Mailbox
from guichet_testing.real.plugin import do_without
from guichet_testing.real.postfix import Postfix, running_postfix
from guichet_testing.town.desk_client import signed_in
from guichet_testing.town.services import only
from guichet_testing.town.town import Town, town_of
from guichet_testing.until import until
from tests.stories.conftest import nothing_is_under_way

pytestmark = [
    *(pytest.mark.story, pytest.mark.real, pytest.mark.timeout(240)),
    pytest.mark.usefixtures("dovecot_is_there", "postfix_is_there"),
]

NEEDED = ("ingest-email", "case-router", "notifier", "agent-desk", "citizen-sandbox")
CONTACT, ZOE = "contact@mairie.example", "zoe@exemple.test"
PASSWORD = "un-secret-de-boite"
POTHOLE, ANOTHER = "Nid-de-poule rue Basse", "Nid-de-poule place Haute"
LOOKS, PAUSE_S = 3, 0.4  # so often nothing has moved, and the town's mailbox was read in between


def away(words: str) -> str:
    """Return a responder that answers each letter, as often as it comes: one for seven days would hide a loop."""
    return f'require ["vacation", "vacation-seconds"];\nvacation :seconds 0 :subject "{words}" "{words}.";\n'


@dataclass(frozen=True)
class Servers:
    """Both mailboxes, and all that carries mail between them."""

    dovecot: Dovecot
    relay: Postfix
    stack: LocalStack
    contact: Mailbox
    zoe: Mailbox


@dataclass(frozen=True)
class Correspondence:
    """What Zoé and the town's agents write, and what becomes of it."""

    town: Town
    servers: Servers

    @property
    def zoe(self) -> Mailbox:
        """Hers."""
        return self.servers.zoe

    @property
    def contact(self) -> Mailbox:
        """The town's."""
        return self.servers.contact

    @property
    def relay(self) -> Postfix:
        """Between them."""
        return self.servers.relay

    def writes(self, subject: str) -> None:
        """Have Zoé write to the town hall."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = ZOE, CONTACT, subject
        mail["Message-ID"] = make_msgid(domain="exemple.test")
        mail.set_content("Bonjour")
        with smtplib.SMTP(self.relay.host, self.relay.port) as client:
            client.send_message(mail)

    async def is_answered(self, subject: str) -> None:
        """Have an agent answer her."""
        async with signed_in(self.town.stack, "karim.haddad") as desk:
            path = await until(lambda: desk.case_of(subject), f"{subject} is on the list")
            await desk.send(path, "reponse", text="Nos agents passent mardi.")

    async def comes_to_rest(self) -> None:
        """Return when nothing moves any more: all is delivered and filed, and again, and nothing came of it."""
        counts = list[tuple[int, int]]()
        while len(counts) < LOOKS or len({*counts[-LOOKS:]}) > 1:
            await until(self._is_done, "all is delivered and filed")
            counts.append((len(mails_in(self.zoe)), len(mails_in(self.contact))))
            await asyncio.sleep(PAUSE_S)

    async def _is_done(self) -> bool:
        filed = sum(each["direction"] == "inbound" for each in self.town.documents("messages"))
        is_read = filed == len(mails_in(self.contact))
        return is_read and self.relay.queued() == 0 and await nothing_is_under_way(self.town)


def mails_in(mailbox: Mailbox) -> list[EmailMessage]:
    """Return what was delivered into a mailbox."""
    found: dict[str, bytes] = {}
    for each in (file for folder in ("new", "cur") for file in (mailbox.maildir / folder).glob("*")):
        with suppress(FileNotFoundError):  # moved to `cur` just now
            found[each.name.partition(":")[0]] = each.read_bytes()
    return [message_from_bytes(each, policy=default) for each in found.values()]


def kinds_in(mailbox: Mailbox) -> dict[str, int]:
    """Count them: letters of the notifier's that a program answers, those of a responder, and what people wrote."""
    kinds = [_kind_of(each) for each in mails_in(mailbox)]
    return {each: kinds.count(each) for each in sorted({*kinds})}


def _kind_of(mail: EmailMessage) -> str:
    if mail["Auto-Submitted"] is None:
        return "written"
    return "receipt" if mail[OWN_MAIL_HEADER] else "responder"


@pytest.fixture
def mail_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    if reason := why_no_sieve():
        do_without(reason)
    folder = tmp_path_factory.mktemp("responders")
    [port] = free_ports(1)
    with running_dovecot(folder / "dovecot", relay_port=port) as dovecot:
        boxes = [dovecot.add_user(each, PASSWORD) for each in (CONTACT, ZOE)]
        for each in boxes:
            each.deliver([])
        town = shutil.copytree(EXAMPLE_TOWN, folder / "town", ignore=shutil.ignore_patterns("tests"))
        (town / "mail.yaml").write_text(
            f"imap:\n  contact:\n    host: {dovecot.host}\n    port: {dovecot.tls_port}\n    user: {CONTACT}\n"
            "    since: 2026-01-01\n    afterwards: flag\n"
        )
        settings = {
            "GUICHET_TOWN": str(town),
            "GUICHET_SMTP_PORT": str(port),
            "GUICHET_IMAP_CONTACT_PASSWORD": PASSWORD,
            "GUICHET_IMAP_CA_FILE": str(dovecot.authority),
            "GUICHET_IMAP_POLL_EVERY": "PT0.3S",
        }
        services = only(*NEEDED, lanes={"mail"})
        with LocalStack(folder / "guichet", settings=settings, services=services) as stack:
            ports = {"lmtp_port": dovecot.lmtp_port, "relay_port": stack.ports["citizen-sandbox-smtp"]}
            with running_postfix(
                folder / "postfix", "mairie.example", others=["exemple.test"], port=port, **ports
            ) as relay:
                yield Servers(dovecot, relay, stack, *boxes)


@pytest.fixture
async def correspondence(mail_servers: Servers) -> AsyncIterator[Correspondence]:
    async with town_of(mail_servers.stack) as town:
        yield Correspondence(town, mail_servers)


async def test_r25_of_two_real_responders_each_answers_a_letter_once(correspondence: Correspondence) -> None:
    """docs/law.md 46."""
    here = correspondence
    here.servers.dovecot.filter_mail(ZOE, away("Je suis absente"))
    here.writes(POTHOLE)
    await here.comes_to_rest()
    assert kinds_in(here.zoe) == {"receipt": 1}
    assert kinds_in(here.contact) == {"written": 1}, "a responder does not answer a receipt, which says what it is"
    await here.is_answered(POTHOLE)
    await until(lambda: len(mails_in(here.contact)) == 2, "her responder answers the agent")
    await here.comes_to_rest()
    assert kinds_in(here.zoe) == {"receipt": 1, "written": 1}
    assert kinds_in(here.contact) == {"responder": 1, "written": 1}, "which gets no receipt, and so ends it"

    here.servers.dovecot.filter_mail(CONTACT, away("La mairie est fermée"))
    here.writes(ANOTHER)
    await until(lambda: kinds_in(here.zoe).get("receipt") == 2, "her second receipt")
    await here.comes_to_rest()
    await here.is_answered(ANOTHER)
    await until(lambda: kinds_in(here.contact).get("responder") == 2, "her responder answers the agent")
    await here.comes_to_rest()
    assert kinds_in(here.zoe) == {"receipt": 2, "responder": 1, "written": 2}
    assert kinds_in(here.contact) == {"responder": 2, "written": 2}
    assert len(here.town.documents("cases")) == 2
