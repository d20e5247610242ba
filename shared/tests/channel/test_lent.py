"""What a host notes of a payload that nobody can read."""

from base64 import b64encode
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from inspect import Parameter, signature
from typing import Any

import pytest
from fastapi import FastAPI

from guichet.channel.declaration import Listener, Provider
from guichet.channel.draft import Draft
from guichet.channel.host.run import opened
from guichet.channel.lent import Host
from guichet.channel.payload import Payload
from guichet.clock import SystemClock
from guichet.contracts.channels import AddressKind, ChannelFacts, Words
from guichet.contracts.dead_letters import DeadLetterContent, Origin
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.contracts.topics import INBOUND_SMS, INBOUND_THIRD_PARTY
from guichet.data_subject.dead_letter_owner import is_from
from guichet.ids import MessageId
from guichet.runtime.settings import SettingsGroup
from guichet_testing.conformance.world import KEY, World

SENDER = Identifier(kind="pigeon", value="ring-7")


def a_host(world: World) -> Host:
    around: Any = None
    return Host(
        service="ingest-sms", provider="loft", topic=INBOUND_SMS, town=around, clock=SystemClock(), edge=world.edge,
        catch_ups=around, mailbox_places=around, message_id_key=KEY,
    )  # fmt: skip


async def unreadable(_: Payload) -> None:
    raise ValueError("coo")


async def test_a_dead_letter_says_where_it_came_from_and_who_sent_it() -> None:
    world = World()
    payload = Payload(b"coo", world.time, {"x-proof": "feather"}, "/pigeon?loft=1")
    await a_host(world).receive(payload, unreadable, senders=lambda _: [SENDER])
    assert world.origins == [Origin("loft", {"x-proof": "feather"}, "/pigeon?loft=1", (SENDER,))]


def listening_for(payload: Payload) -> Listener[Any]:
    """A provider's list that holds this, made by whoever made the channel."""

    @asynccontextmanager
    async def listens(_settings: Any, host: Host) -> AsyncIterator[None]:
        await host.receive(payload, unreadable, lambda _: [SENDER])
        yield

    return Listener(open=listens)


async def test_who_is_erased_takes_along_what_a_listener_could_not_read_as_a_webhooks() -> None:
    world, nothing = World(), SettingsGroup()
    note = Payload(b"<note ring='ring-7'>coo</note>", world.time)
    assert not is_from(content_of(note, None), [SENDER]), "no guess finds it: the listener must say whose it is"
    loft = Provider("loft", SettingsGroup, inbound=(listening_for(note),))
    async with opened(loft, nothing, a_host(world), FastAPI(), message_ids_shown=False):
        [origin] = world.origins
    assert origin
    assert is_from(content_of(note, origin.senders), [SENDER])
    assert not is_from(content_of(note, origin.senders), [Identifier(kind="pigeon", value="ring-8")])


def test_who_hands_a_payload_over_must_say_whose_it_is() -> None:
    for hand_over in (Host.receive, Host.relay):
        assert signature(hand_over).parameters["senders"].default is Parameter.empty


def content_of(payload: Payload, senders: tuple[Identifier, ...] | None) -> DeadLetterContent:
    return DeadLetterContent(key=None, value=b64encode(payload.body), headers=(), senders=senders, error_text="")


async def test_a_channel_that_cannot_even_tell_the_sender_loses_no_letter() -> None:
    def senders(_: Payload) -> Iterable[Identifier]:
        yield SENDER
        raise ZeroDivisionError

    world = World()
    await a_host(world).receive(Payload(b"coo", world.time), unreadable, senders=senders)
    assert [(body, origin and origin.senders) for (_, body, _), origin in zip(
        world.dead_letters, world.origins, strict=True
    )] == [(b"coo", None)]  # fmt: skip


LOFT = ChannelFacts(
    name="pigeon", title=Words(fr="Pigeon", en="Pigeon"), icon="M1 8h14", provider="loft",
    kind=AddressKind(name="loft", title=Words(fr="Pigeonnier", en="Loft"), pattern="loft-[0-9]{1,6}", example="loft-42"),
)  # fmt: skip


def a_note(world: World, loft: str) -> Draft:
    return Draft(
        channel="pigeon",
        accounts=("mairie",),
        message_id=MessageId("note"),
        content=InboundContent(sender=(Identifier(kind="loft", value=loft), SENDER), text="Le lampadaire est éteint."),
        received_at=world.time,
        sender_key_value=loft,
    )


@pytest.mark.parametrize("loft", ["LOFT-42", "loft-42 ", "xloft-42", "loft-42\n", "", "loft-" + "4" * 200])
async def test_a_sender_of_another_form_than_the_facts_say_is_put_aside_and_not_a_second_citizen(loft: str) -> None:
    world = World()

    async def read(_: Payload) -> Draft:
        return a_note(world, loft)

    host, payload = world.lend("loft", INBOUND_THIRD_PARTY, LOFT), Payload(b"coo", world.time)
    assert await host.receive(payload, read, lambda _: [SENDER]) is None
    [(_, kept, error)] = world.dead_letters
    assert (kept, getattr(error, "reason", None), "42" in str(error)) == (b"coo", "address-form", False)
    assert world.received(INBOUND_THIRD_PARTY) == []


async def test_a_sender_of_the_facts_form_is_taken_and_salvage_makes_a_case_of_another() -> None:
    world = World()

    async def read(_: Payload) -> Draft:
        return a_note(world, "loft-42")

    async def read_otherwise(_: Payload) -> Draft:
        return a_note(world, "LOFT-42")

    host, payload = world.lend("loft", INBOUND_THIRD_PARTY, LOFT), Payload(b"coo", world.time)
    await host.receive(payload, read, lambda _: [SENDER])
    await host.receive(payload, read_otherwise, lambda _: [SENDER], lambda _: a_note(world, "LOFT-42"))
    assert [each.unread for each in world.received(INBOUND_THIRD_PARTY)] == [False, True]
    assert world.dead_letters == []
