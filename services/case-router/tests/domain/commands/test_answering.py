"""An answer goes to the sender of the message that the agent's page showed, or nowhere."""

from dataclasses import replace
from datetime import timedelta

import pytest

from guichet.contracts.case_commands import CloseCase, SendReply, SnoozeCase
from guichet.contracts.case_events import CommandRefused, ReplyRequested
from guichet.errors import NoRightError
from guichet.store.messages.document import Direction, MessageDocument
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED

ALICE, LOOK_ALIKE = "alice@courriel.example", "alice@courrie1.example"
LATER = ARRIVED + timedelta(hours=1)


async def answering(world, mail, **fields) -> SendReply:
    """Keep an agent's words, as the desk does; return the command."""
    case = world.case_of(mail)
    [key] = await world.vault.new_keys(1)
    await world.messages.insert_outbound(
        MessageDocument(
            _id="words",
            direction=Direction.OUTBOUND,
            channel=case.channel,
            accounts=(case.account,),
            at=LATER,
            filed=case.case_id,
            content=seal(key, Thing("message", "words"), "content", b"{}"),
        )
    )
    about = {"case_id": case.case_id, "issued_by": "lea", "occurred_at": LATER}
    return SendReply(event_id="click", outbound_id="words", **about, **fields)


@pytest.fixture
async def mail(world):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    return mail


async def test_whatever_came_since_it_goes_to_whom_the_agent_saw(world, mail):
    command = await answering(world, mail, answers=mail.message_id)
    await world.take(await world.mail("n", ALICE, reply_to=LOOK_ALIKE, in_reply_to=["m@courriel.example"], at=LATER))
    await world.take(command)
    [asked] = [each for each in world.published() if isinstance(each, ReplyRequested)]
    assert getattr(asked, "answers", None) == mail.message_id, "whoever wrote last gets the answer"
    world.check()


@pytest.mark.parametrize("name", ["nothing", "words", "another case's"])
async def test_to_no_message_of_the_case_it_does_not_go(world, mail, name):
    other = await world.mail("o", LOOK_ALIKE)
    await world.take(other)
    command = await answering(world, mail, answers=other.message_id if name == "another case's" else name)
    await world.take(command)
    told = world.published(world.case_of(mail))[-1]
    assert isinstance(told, CommandRefused), "an answer is sent to where no message of the case came from"
    assert told.why == "unknown-message"


async def test_a_command_of_before_names_no_message_and_is_taken(world, mail):
    await world.take(await answering(world, mail))
    [asked] = [each for each in world.published() if isinstance(each, ReplyRequested)]
    assert asked.answers is None


@pytest.mark.parametrize("drafted_by", [None, "lea", "max"])
async def test_where_a_town_wants_four_eyes_its_sender_did_not_write_it(new_world, town, drafted_by):
    wary = {name: each.model_copy(update={"four_eyes": True}) for name, each in town.departments.items()}
    world = type(new_world())(replace(town, departments=wary))
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    command = await answering(world, mail, answers=mail.message_id, drafted_by=drafted_by)
    if drafted_by == "max":
        await world.take(command)
        assert [type(each) for each in world.published() if isinstance(each, ReplyRequested)] == [ReplyRequested]
        return
    with pytest.raises(NoRightError):
        await world.take(command)


@pytest.mark.parametrize("is_taken", [True, False])
@pytest.mark.parametrize("kind", [CloseCase, SnoozeCase])
async def test_what_is_given_behind_an_answer_comes_to_nothing_where_the_answer_does(world, mail, kind, is_taken):
    """An agent answers and closes in one deed: a case that nobody answered is closed behind nobody's back."""
    reply = await answering(world, mail, answers=mail.message_id if is_taken else "nothing")
    own = {"until": LATER + timedelta(days=9)} if kind is SnoozeCase else {}
    about = {"case_id": reply.case_id, "issued_by": "lea", "occurred_at": LATER, "behind": reply.event_id}
    await world.take(reply)
    await world.take(kind(event_id="behind", **about, **own))
    refused = {each.caused_by: each.why for each in world.published() if isinstance(each, CommandRefused)}
    assert refused == ({} if is_taken else {"click": "unknown-message", "behind": "answer-refused"})
    case = world.case_of(mail)
    assert (case.closed_at or case.snoozed_until) == (own.get("until", LATER) if is_taken else None)
    world.check()
