"""An answer goes to another address only where that is proven to be the case's citizen's, and nobody else's."""

from datetime import timedelta

import pytest

from guichet.contracts.case_commands import SendReply
from guichet.contracts.case_events import CommandRefused, ReplyRequested
from guichet.contracts.delivery import DeliveryChanged, DeliveryState, Purpose, mail_message_id
from guichet.contracts.inbound_content import Identifier
from guichet.ids import MessageId
from guichet.privacy.pseudonyms import identifier_id
from guichet.store.messages.document import OUTBOUND_CONTENT, Direction, MessageDocument, OutboundContent
from guichet.store.registry.citizens import CitizenDocument, CitizenRecord, CitizenState
from guichet.store.registry.identifiers import Holder, IdentifierDocument
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.sealing import seal_model

PHONE, MAIL = "+33639982222", "lea@courriel.example"
LATER = ARRIVED + timedelta(hours=1)


async def hold(world, kind, value, *holders, **flags):
    name = identifier_id(world.keys.registry, kind, value)
    [key] = await world.vault.new_keys(1)
    held = tuple(
        Holder(citizen_id=each, provenance="import", since=ARRIVED, **({"verified": True} | flags)) for each in holders
    )
    sealed = seal(key, Thing("identifier", name), "value", value.encode())
    world.identifiers.identifiers[name] = IdentifierDocument(_id=name, kind=kind, holders=held, value=sealed)


async def enter(world, citizen):
    [key] = await world.vault.new_keys(1)
    record = seal_model(key, Thing("citizen", citizen), "record", CitizenRecord(display_name=citizen))
    known = CitizenDocument(_id=citizen, state=CitizenState.REGISTERED, record=record, since=ARRIVED)
    await world.citizens.insert_new([known])


@pytest.fixture
async def text(world):
    """A text message of Léa's, whom the registry knows at her number and at a mail address."""
    for citizen in ("lea", "luc"):
        await enter(world, citizen)
    await hold(world, "phone", PHONE, "lea")
    await hold(world, "email", MAIL, "lea")
    text = await world.sms("m", PHONE)
    await world.take(text)
    assert world.case_of(text).citizen is not None
    return text


async def answering(world, text, to=("email", MAIL), name="words", **fields) -> SendReply:
    case, outbound = world.case_of(text), MessageId(name)
    [key] = await world.vault.new_keys(1)
    content = OutboundContent(text="Réparé.", to=Identifier(kind=to[0], value=to[1]) if to else None)
    await world.messages.insert_outbound(
        MessageDocument(
            _id=outbound,
            direction=Direction.OUTBOUND,
            channel="email",
            accounts=(case.account,),
            at=LATER,
            filed=case.case_id,
            content=OUTBOUND_CONTENT.seal(key, outbound, content),
        )
    )
    about = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": LATER, "answers": text.message_id}
    return SendReply(event_id=f"click-{name}", outbound_id=outbound, **about, **({"goes_by": "email"} | fields))


def decided(world, command):
    [told] = [each for each in world.published() if each.caused_by == command.event_id and each.type != "CaseMoved"]
    return told.why if isinstance(told, CommandRefused) else told


async def test_it_goes_to_an_address_that_is_the_citizen_s(world, text):
    command = await answering(world, text)
    await world.take(command)
    asked = decided(world, command)
    assert isinstance(asked, ReplyRequested)
    assert (asked.goes_by, asked.answers) == ("email", text.message_id)
    assert MAIL not in asked.model_dump_json()
    world.check()


@pytest.mark.parametrize(
    ("flags", "goes"),
    [({"verified": False, "vouched": True}, True), ({"verified": False}, False)],
    ids=["a proven message came from there", "nothing proves it"],
)
async def test_what_proves_an_address(world, text, flags, goes):
    await hold(world, "email", MAIL, "lea", **flags)
    command = await answering(world, text)
    await world.take(command)
    assert (decided(world, command) != "unknown-address") is goes


@pytest.mark.parametrize("wrong", ["another's", "shared", "nobody's", "named nowhere", "another kind's", "altered"])
async def test_to_no_other_address_it_goes(world, text, wrong):
    to, fields = ("email", MAIL), {}
    if wrong == "another's":
        await hold(world, "email", MAIL, "luc")
    elif wrong == "shared":
        await hold(world, "email", MAIL, "lea", "luc")
    elif wrong == "nobody's":
        to = ("email", "autre@courriel.example")
    elif wrong == "named nowhere":
        to = None
    elif wrong == "another kind's":
        fields = {"goes_by": "sms"}
    command = await answering(world, text, to, **fields)
    if wrong == "altered":
        kept = world.messages.messages["words"]
        box = kept.content.model_copy(update={"box": kept.content.box[::-1]})
        world.messages.messages["words"] = kept.model_copy(update={"content": box})
    await world.take(command)
    assert decided(world, command) == "unknown-address"
    world.check()


@pytest.mark.parametrize(("holders", "goes"), [(("luc",), False), (("lea", "luc"), True)], ids=["a third's", "shared"])
async def test_it_answers_what_came_from_the_citizen_and_no_third_person(world, text, holders, goes):
    await hold(world, "phone", PHONE, *holders)
    command = await answering(world, text)
    await world.take(command)
    assert (decided(world, command) != "unknown-address") is goes


async def test_of_who_opened_an_unverified_case_nobody_knows_that_it_is_they(world, text):
    case = world.case_of(text)
    world.cases.cases[case.case_id] = case.model_copy(update={"unverified": True})
    command = await answering(world, text)
    await world.take(command)
    assert decided(world, command) == "unknown-address"


async def report(world, text, state, outbound="first"):
    case = world.case_of(text)
    about = {"outbound_id": outbound, "case_id": case.case_id, "purpose": Purpose.REPLY, "channel": "sms"}
    await world.take(DeliveryChanged(event_id=f"report-{state}", occurred_at=LATER, state=state, **about))


async def test_the_one_that_failed_stays_failed_and_what_arrived_late_is_not_sent_again(world, text):
    await world.take(await answering(world, text, None, "first", goes_by=None))
    await report(world, text, DeliveryState.FAILED)
    assert world.case_of(text).unsent == ("first",)
    instead = await answering(world, text, name="second", instead_of="first")
    await world.take(instead)
    assert isinstance(decided(world, instead), ReplyRequested)
    case = world.case_of(text)
    assert (case.deliveries["first"], case.unsent) == (DeliveryState.FAILED, ())
    other_tab, forged = [
        await answering(world, text, name=name, instead_of=failed)
        for name, failed in (("tab", "first"), ("x", "made-up"))
    ]
    await world.take_one_by_one(other_tab, forged)
    assert (decided(world, other_tab), decided(world, forged)) == ("not-failed", "not-failed"), "a second answer left"
    await report(world, text, DeliveryState.DELIVERED)
    late = await answering(world, text, name="third", instead_of="first")
    await world.take(late)
    assert decided(world, late) == "not-failed"
    world.check()


async def test_whoever_answers_from_there_joins_the_case_and_nobody_else_does(world, text):
    command = await answering(world, text)
    await world.take(command)
    asked = [mail_message_id(command.outbound_id, world.town.domain)]
    hers = await world.mail("n", MAIL, in_reply_to=asked, at=LATER + timedelta(hours=1))
    stranger = await world.mail("o", "luc@courriel.example", in_reply_to=asked, at=LATER + timedelta(hours=2))
    await world.take_one_by_one(hers, stranger)
    assert world.case_of(hers).case_id == world.case_of(text).case_id
    assert world.case_of(stranger).case_id != world.case_of(text).case_id
    world.check()


async def test_on_paper_it_needs_no_address_and_nobody_s_is_joined(world, text):
    before = world.case_of(text).participants
    command = await answering(world, text, None, "paper", goes_by="letter")
    await world.take(command)
    asked = decided(world, command)
    assert isinstance(asked, ReplyRequested)
    assert (asked.goes_by, world.case_of(text).participants) == ("letter", before)
