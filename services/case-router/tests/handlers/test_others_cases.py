"""A channel of another package says what its messages answer and correct: nothing that it says leads into others'."""

from dataclasses import replace

import pytest

from guichet.contracts.channels import AddressKind, ChannelFacts, Form, KnownChannels, Voucher, Words
from guichet.contracts.inbound_content import Identifier, InboundContent, MailThread
from guichet.privacy.tokens import reply_address
from guichet_testing.builders.inbound import CONTACT, sealed_message

ALICE, BOB = "alice@courriel.example", "+33639980102"
HERS = "demande@courriel.example"  # the Message-ID of Alice's mail
TELEGRAM = {"channel": "telegram", "accounts": ("mairie_bot",)}
PIGEON = ChannelFacts(
    name="pigeon",
    title=Words(fr="Pigeon voyageur", en="Carrier pigeon"),
    icon="M1 8h14",
    provider="pigeon",
    topic="inbound-third-party",
    answered_on="pigeon",
    kind=AddressKind(name="pigeon-ring", title=Words(fr="Bague", en="Ring"), pattern="FR-[0-9]{4}", example="FR-2026"),
    form=Form.SHORT,
    longest=300,
    is_conversation=True,
    vouched_by=Voucher.PROVIDER,
)


@pytest.fixture
def world(world):
    """A world whose town takes pigeons."""
    facts = KnownChannels({**world.town.facts, "pigeon": PIGEON}, ["pigeon"])
    world.town = replace(world.town, facts=facts)
    return world


async def a_pigeon(world, name, ring="FR-0666", *, thread=None, edits=None):
    content = InboundContent(
        sender=(Identifier(kind="pigeon-ring", value=ring),), text="Bonjour", conversation=ring, thread=thread
    )
    return await sealed_message(world.vault, name, content, channel="pigeon", accounts=("colombier",), edits=edits)


def quotes(world, case, where):
    """Return a thread that points at Alice's case, in one of its fields."""
    address = reply_address(world.keys.reference, case.reference, CONTACT)
    return MailThread.model_validate(
        {
            "in_reply_to": {"in_reply_to": (HERS,)},
            "references": {"references": (HERS,)},
            "message_id": {"message_id": HERS},
            "to_addresses": {"to_addresses": (address, ALICE)},
        }[where]
    )


@pytest.mark.parametrize("where", ["in_reply_to", "references", "message_id", "to_addresses"])
@pytest.mark.parametrize("facts", [{}, {"is_conversation": False}, {"form": Form.MAIL, "longest": None}])
async def test_a_chat_that_points_at_a_mail_of_alices_opens_its_own_case(world, where, facts):
    told = PIGEON.model_copy(update=facts)
    world.town = replace(world.town, facts=KnownChannels({**world.town.facts, "pigeon": told}, ["pigeon"]))
    mail = await world.mail("hers", ALICE, message_id=HERS)
    await world.take(mail)
    before = world.case_of(mail)
    attack = await a_pigeon(world, "attack", thread=quotes(world, before, where))
    await world.take(attack)
    assert world.case_of(attack).case_id != before.case_id
    assert world.case_of(mail) == before  # its next answer goes where it went: to Alice
    world.check()


async def test_a_quote_of_a_chat_catches_no_mail_that_comes_later(world):
    attack = await a_pigeon(world, "attack", thread=MailThread(in_reply_to=(HERS,), to_addresses=(ALICE,)))
    mail = await world.mail("hers", ALICE, message_id=HERS)
    await world.take_one_by_one(attack, mail)
    assert world.case_of(mail).case_id != world.case_of(attack).case_id


@pytest.mark.parametrize("is_conversation", [True, False])
async def test_nobody_corrects_a_message_of_another_channel(world, is_conversation):
    told = PIGEON.model_copy(update={"is_conversation": is_conversation})
    world.town = replace(world.town, facts=KnownChannels({**world.town.facts, "pigeon": told}, ["pigeon"]))
    mail, chat = await world.mail("hers", ALICE, message_id=HERS), await world.sms("bob", BOB, **TELEGRAM)
    await world.take(mail, chat)
    before = [world.case_of(mail), world.case_of(chat)]
    attacks = [
        await a_pigeon(world, f"attack{number}", ring=f"FR-066{number}", edits=each.message_id)
        for number, each in enumerate((mail, chat))
    ]
    await world.take(*attacks)
    assert [world.case_of(mail), world.case_of(chat)] == before
    assert len({world.case_of(each).case_id for each in (mail, chat, *attacks)}) == 4


async def test_nobody_corrects_in_a_strangers_name_what_another_channel_took(world):
    one = await world.sms("one", BOB, channel="whatsapp")
    edit = await world.sms("edit", BOB, edits=one.message_id)  # the same number, by SMS
    await world.take_one_by_one(one, edit)
    assert world.case_of(edit).case_id != world.case_of(one).case_id


async def test_nobody_corrects_what_somebody_else_wrote_on_the_same_channel(world):
    one = await a_pigeon(world, "one", ring="FR-2026")
    edit = await a_pigeon(world, "edit", edits=one.message_id)
    await world.take_one_by_one(one, edit)
    assert world.case_of(edit).case_id != world.case_of(one).case_id


async def test_what_cannot_be_corrected_still_goes_on_in_its_own_conversation(world):
    one, two = await a_pigeon(world, "one", ring="FR-2026"), await a_pigeon(world, "two")
    edit = await a_pigeon(world, "edit", edits=one.message_id)
    await world.take_one_by_one(one, two, edit)
    assert world.case_of(edit).case_id == world.case_of(two).case_id


@pytest.mark.parametrize("is_conversation", [True, False])
async def test_who_corrects_their_own_words_still_does(world, is_conversation):
    told = PIGEON.model_copy(update={"is_conversation": is_conversation})
    world.town = replace(world.town, facts=KnownChannels({**world.town.facts, "pigeon": told}, ["pigeon"]))
    one = await a_pigeon(world, "one")
    edit = await a_pigeon(world, "edit", edits=one.message_id)
    await world.take_one_by_one(one, edit)
    assert world.case_of(edit).case_id == world.case_of(one).case_id
    world.check()


async def test_a_conversation_that_carries_a_thread_still_joins_itself(world):
    thread = MailThread(message_id="roost-1@pigeon.example", in_reply_to=(HERS,))
    one, two = await a_pigeon(world, "one", thread=thread), await a_pigeon(world, "two", thread=thread)
    await world.take_one_by_one(one, two)
    assert world.case_of(two).case_id == world.case_of(one).case_id
    world.check()


async def test_a_third_party_s_mail_in_alice_s_name_opens_its_own_case(world):
    """Its host says whom a mail is from, and what it quotes: both are Alice's."""
    told = PIGEON.model_copy(
        update={"form": Form.MAIL, "longest": None, "is_conversation": False, "vouched_by": Voucher.NOBODY}
    )
    world.town = replace(world.town, facts=KnownChannels({**world.town.facts, "pigeon": told}, ["pigeon"]))
    mail = await world.mail("hers", ALICE, message_id=HERS)
    await world.take(mail)
    before = world.case_of(mail)
    content = InboundContent(
        sender=(Identifier(kind="email", value=ALICE),), text="Bonjour", thread=quotes(world, before, "in_reply_to")
    )
    attack = await sealed_message(world.vault, "attack", content, channel="pigeon", accounts=("colombier",))
    await world.take(attack)
    assert world.case_of(attack).case_id != before.case_id
    assert world.case_of(mail) == before
