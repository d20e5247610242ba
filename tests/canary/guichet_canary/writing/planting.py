"""Everybody writes and knocks: each place's person on a channel, or in a way, of their own."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from guichet.kafka.connection import client_options
from guichet_canary.writing import citizens_write as write
from guichet_canary.writing import mails, strangers
from guichet_canary.writing.cast import Person, person
from guichet_canary.writing.taken_for_spam import be_taken_for_spam
from guichet_local.stack import LocalStack
from guichet_testing.town.commands import guichet
from guichet_testing.town.misbehaving.stumbling_router import STUMBLE
from guichet_testing.town.sandbox_client import SandboxClient

CASES: Final = ("mail", "sms", "whatsapp", "telegram", "form", "notifier", "crash", "refused", "registry", "registry 2")
PLACES: Final = (
    *CASES,
    *(
        "mail copy",
        "answer",
        "bounce",
        "broken mail",
        "suspended",
        "suspended copy",
        "webhooks",
        "lmtp",
        "router",
        "nameless",
        "stranger",
        "record",
        "outage",
        "note",
        "draft",
        "models",
        "letter",
        "waiting letter",
        "question",
    ),
)
UNREADABLE: Final = ("inbound-sms", "case-events", "delivery-reports")

Cast = dict[str, Person]


def whole_cast() -> Cast:
    """Return a person for each place."""
    return {place: person(place, number) for number, place in enumerate(PLACES)}


async def plant_everything(stack: LocalStack, who: Cast, sandbox: SandboxClient, beside: Path) -> None:
    """Plant on every channel at once. beside: a folder outside the stack, where an operator keeps the file to import."""
    await _import_citizens(stack, who, beside)
    await _look_citizens_up(stack, who)
    await _be_refused_by_a_mail_server(who["refused"], sandbox)
    await be_taken_for_spam(stack, who["suspended"], mails.letter(who["suspended"], who["suspended copy"]))
    await asyncio.gather(
        *_mails(who, sandbox),
        write.by_sms(sandbox, who["sms"]),
        write.by_sms(sandbox, who["registry 2"]),
        write.by_sms_from_a_name(sandbox, who["nameless"]),
        write.by_whatsapp(sandbox, who["whatsapp"]),
        write.by_telegram(sandbox, who["telegram"]),
        _fill_in_the_form(stack, who["form"]),
        strangers.send_unreadable_webhooks(stack, who["webhooks"]),
        strangers.speak_lmtp_badly(stack.addresses["ingest-email-lmtp"], who["lmtp"]),
        strangers.sign_in_wrongly(stack.addresses["agent-desk"], who["stranger"]),
        _write_unreadable_records(stack, who["record"]),
    )
    await strangers.knock_everywhere(stack.addresses, who["stranger"])


def _mails(who: Cast, sandbox: SandboxClient) -> list[Coroutine[Any, Any, None]]:
    raw = {
        "mail": mails.letter(who["mail"], who["mail copy"]),
        "registry": mails.plain_letter(who["registry"]),
        "bounce": mails.bounce(who["bounce"]),
        "broken mail": mails.broken(who["broken mail"]),
        "router": mails.plain_letter(who["router"], STUMBLE),
        "notifier": mails.plain_letter(who["notifier"]),
        "crash": mails.plain_letter(who["crash"]),
    }
    return [write.by_mail(sandbox, who[place], mail, null_sender=place == "bounce") for place, mail in raw.items()]


async def _import_citizens(stack: LocalStack, who: Cast, beside: Path) -> None:
    path = beside / "citizens.csv"
    write.registry_file(path, [who["registry"], who["registry 2"], who["sms"]])
    await asyncio.to_thread(guichet, stack, "registry", "import", str(path))


async def _look_citizens_up(stack: LocalStack, who: Cast) -> None:
    for typed in (who["registry"].phone.value, who["registry"].email.value):
        found = await asyncio.to_thread(guichet, stack, "citizens", "find", typed=f"{typed}\n")
        assert found, "the citizen that was imported is not found"


async def _be_refused_by_a_mail_server(writer: Person, sandbox: SandboxClient) -> None:
    """Let the receipt meet a mail server that does not know the writer, and says so with their address."""
    await sandbox.misbehave("smtp-refused")
    await write.by_mail(sandbox, writer, mails.plain_letter(writer))


async def _fill_in_the_form(stack: LocalStack, writer: Person) -> None:
    assert await write.by_form(stack.addresses["citizen-portal"], writer) == 303


async def _write_unreadable_records(stack: LocalStack, who: Person) -> None:
    """Put, past every adapter, records on topics that no consumer can decode. There they lie in clear, as they came."""
    value = f'{{"type": "MessageReceived", "content": "{who.text.value}", "from": "{who.name.value}"}}'.encode()
    headers = [("x-note", who.subject.value.encode())]
    producer = AIOKafkaProducer(**client_options(stack.kafka_admin))
    await producer.start()
    try:
        for topic in UNREADABLE:
            await producer.send_and_wait(topic, value, key=who.email.value.encode(), headers=headers)
    finally:
        await producer.stop()
