"""Amina, Thomas and Jeanne write through the town's own relay, a real Postfix, by which Guichet answers them too."""

import re
import smtplib
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage

import pytest

from guichet.contracts.topics import INBOUND_EMAIL
from guichet_local.machine.ports import free_ports
from guichet_local.stack import LocalStack
from guichet_mail.tile.troubles import Trouble
from guichet_testing.real.postfix import Postfix, running_postfix
from guichet_testing.town.desk_client import signed_in
from guichet_testing.town.services import only
from guichet_testing.town.town import Town, all_is_handled, town_of
from guichet_testing.until import until

pytestmark = [
    *(pytest.mark.story, pytest.mark.real, pytest.mark.timeout(240)),
    pytest.mark.usefixtures("postfix_is_there"),
]

NEEDED = ("ingest-email", "case-router", "notifier", "agent-desk", "citizen-sandbox")
REFERENCE = re.compile(r"\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")
CONTACT, REGISTRY = "contact@mairie.example", "etat-civil@mairie.example"
AMINA, THOMAS, JEANNE = (f"{name}@courriel.example" for name in ("amina.benali", "thomas.lefevre", "jeanne.marchand"))
MOST_BYTES = 2**20
# What the relay found of every sender, written above its own Received: as a policy server of Postfix's does.
VERDICT = "Authentication-Results: mx.mairie.example; dmarc=pass header.from=courriel.example"


@pytest.fixture(scope="module")
def relay_and_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Postfix, LocalStack]]:
    [port] = free_ports(1)
    settings = {"GUICHET_SMTP_PORT": str(port), "GUICHET_LMTP_MAX_BYTES": str(MOST_BYTES)}
    services = only(*NEEDED, lanes={"mail"})
    folder = tmp_path_factory.mktemp("town-relay")
    with LocalStack(folder / "guichet", settings=settings, services=services) as stack:
        ports = {"lmtp_port": stack.ports["ingest-email-lmtp"], "relay_port": stack.ports["citizen-sandbox-smtp"]}
        with running_postfix(folder / "postfix", "mairie.example", port=port, header=VERDICT, **ports) as relay:
            yield relay, stack


@pytest.fixture
def relay(relay_and_stack: tuple[Postfix, LocalStack]) -> Postfix:
    return relay_and_stack[0]


@pytest.fixture
async def town(relay_and_stack: tuple[Postfix, LocalStack]) -> AsyncIterator[Town]:
    async with town_of(relay_and_stack[1]) as town:
        await town.sandbox.reset()
        yield town


def a_mail(sender: str, subject: str, text: str = "Bonjour") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, CONTACT, subject
    mail["Message-ID"] = f"<{len(subject)}@courriel.example>"
    mail.set_content(text)
    return mail


def send(relay: Postfix, mail: EmailMessage, *recipients: str) -> None:
    with smtplib.SMTP(relay.host, relay.port) as client:
        client.send_message(mail, to_addrs=recipients or (CONTACT,))


async def filed(town: Town, relay: Postfix) -> int:
    """Return how many messages are filed, once the relay and the router have done what there is to do."""
    await until(lambda: relay.queued() == 0, "the relay has handed all over")
    await until(lambda: all_is_handled(town.offsets, [INBOUND_EMAIL]), "all is filed")
    return sum(each["direction"] == "inbound" for each in town.documents("messages"))


async def test_amina_writes_through_the_relay_and_her_receipt_leaves_by_it(relay, town):
    send(relay, a_mail(AMINA, "Nid-de-poule rue Basse"))
    receipt = await town.sandbox.wait_for_mail("amina-benali", 60)
    assert "by mx.mairie.example (Postfix)" in receipt.header("Received")
    assert await filed(town, relay) == 1
    page = await page_at_the_desk(town, "karim.haddad", "Nid-de-poule rue Basse")
    assert REFERENCE.search(receipt.text)[0] in page
    assert "Amina Benali" in page
    assert "Identité non vérifiée" not in page, "the relay's verdict, above its own Received, is believed"


async def test_what_thomas_writes_while_guichet_is_down_waits_at_the_relay_and_is_one_message(relay, town):
    before = await filed(town, relay)
    await town.stop("ingest-email")
    send(relay, a_mail(THOMAS, "Haie trop haute"))
    relay.kill()
    relay.start()
    assert relay.queued() == 1
    await town.start("ingest-email")
    await town.sandbox.wait_for_mail("thomas-lefevre", 60)
    assert await filed(town, relay) == before + 1


async def test_what_jeanne_writes_to_two_mailboxes_at_once_is_one_message_with_one_receipt(relay, town):
    before, cases = await filed(town, relay), len(town.documents("cases"))
    send(relay, a_mail(JEANNE, "Acte de naissance"), CONTACT, REGISTRY)
    await town.sandbox.wait_for_mail("jeanne-marchand", 60)
    assert await filed(town, relay) == before + 1
    assert len(town.documents("cases")) == cases + 1
    assert len(await town.sandbox.entries("jeanne-marchand")) == 1


async def test_jeanne_hears_from_the_relay_what_guichet_does_not_take(relay, town):
    before = await filed(town, relay)
    send(relay, a_mail(JEANNE, "Tout mon dossier", f"{'x' * 76}\n" * (MOST_BYTES // 76)))
    too_large = await town.sandbox.wait_for_mail("jeanne-marchand", 60)
    send(relay, a_mail(JEANNE, "Bonjour"), "personne@mairie.example")
    unknown = await town.sandbox.wait_for_mail("jeanne-marchand", 60, after=too_large.id)
    for bounce, status in ((too_large, b"Status: 5.3.4"), (unknown, b"Status: 5.1.1")):
        assert bounce.counterpart == "<>"
        assert status in await town.sandbox.raw(bounce)
    assert await filed(town, relay) == before


async def test_thomas_receipt_that_nobody_takes_comes_back_by_the_relay_to_his_case(relay, town):
    before = await filed(town, relay)
    await town.sandbox.misbehave(Trouble.SMTP_REFUSED)
    send(relay, a_mail(THOMAS, "Carte perdue du conservatoire"))

    async def both_are_filed() -> bool:
        return await filed(town, relay) == before + 2

    await until(both_are_filed, "his mail and the report of the relay")
    page = await page_at_the_desk(town, "claire.dumas", "Carte perdue du conservatoire")
    assert "rapport de remise" in page
    assert not await town.sandbox.entries("thomas-lefevre")


async def page_at_the_desk(town: Town, agent: str, words: str) -> str:
    """Return the page of the case with these words, as an agent sees it."""
    async with signed_in(town.stack, agent) as desk:
        path = await until(lambda: desk.case_of(words), f"{words} is on the list")
        return (await desk.read(path))[1]
