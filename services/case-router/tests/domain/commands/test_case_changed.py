"""A decision made on a page that somebody else has overtaken is refused; nothing else refuses it."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guichet.contracts.base import Event
from guichet.contracts.case_commands import CaseCommand, CloseCase, LiftAbuse, RerouteCase, SendReply
from guichet.contracts.case_events import CaseClosed, CaseState, CommandRefused, ReplyRequested
from guichet.contracts.delivery import DeliveryChanged
from guichet.contracts.inbound import Automatic
from guichet.ids import case_id
from guichet.store.messages.document import Direction, MessageDocument
from guichet.vault.sealing import Thing, seal
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import rights_in

ALICE = "alice@courriel.example"
SOON, LATER = ARRIVED + timedelta(minutes=1), ARRIVED + timedelta(hours=1)


@pytest.fixture
def world(world):
    world.rights = rights_in(world.town.departments, "lea", "karim")
    return world


@pytest.fixture
async def mail(world):
    mail = await world.mail("m", ALICE)
    await world.take(mail)
    return mail


async def second(world, at=SOON, **fields):
    return await world.mail("n", ALICE, in_reply_to=["m@courriel.example"], at=at, **fields)


def close(world, mail, shown, *, event_id="close", by="lea", at=LATER) -> CloseCase:
    about = {"event_id": event_id, "occurred_at": at, "issued_by": by}
    return CloseCase(case_id=world.case_of(mail).case_id, shown=shown, **about)


async def reply(world, mail, shown, *, event_id="reply", by="lea", at=LATER) -> SendReply:
    case = world.case_of(mail)
    [key] = await world.vault.new_keys(1)
    outbound = f"{event_id}-words"
    await world.messages.insert_outbound(
        MessageDocument(
            _id=outbound,
            direction=Direction.OUTBOUND,
            channel=case.channel,
            accounts=(case.account,),
            at=at,
            filed=case.case_id,
            content=seal(key, Thing("message", outbound), "content", b"{}"),
        )
    )
    about = {"event_id": event_id, "occurred_at": at, "issued_by": by, "case_id": case.case_id}
    return SendReply(outbound_id=outbound, shown=shown, **about)


async def reroute(world, mail, shown, *, event_id="reroute", by="lea", at=LATER) -> RerouteCase:
    case = world.case_of(mail)
    keys = await world.vault.open_keys([case.subject.key_id])
    reason = seal(keys[case.subject.key_id], Thing("case", case.case_id), event_id, b"pas pour nous")
    about = {"event_id": event_id, "occurred_at": at, "issued_by": by, "case_id": case.case_id}
    return RerouteCase(department="ccas", reason=reason, shown=shown, **about)


def why_refused(world, command: Event) -> str | None:
    told = [each for each in world.published() if each.caused_by == command.event_id]
    return next((each.why for each in told if isinstance(each, CommandRefused)), None)


async def command_of(kind: str, world, mail, shown, **fields: Any) -> CaseCommand:
    if kind == "close":
        return close(world, mail, shown, **fields)
    return await (reply if kind == "reply" else reroute)(world, mail, shown, **fields)


@pytest.mark.parametrize("kind", ["close", "reply", "reroute"])
async def test_a_message_that_the_agent_was_not_shown_is_not_decided_over(world, mail, kind):
    await world.take(await second(world))
    command = await command_of(kind, world, mail, mail.message_id)
    await world.take(command)
    assert why_refused(world, command) == "case-changed", "decided over a message that nobody has read"
    assert world.case_of(mail).state is CaseState.RECEIVED
    world.check()


@pytest.mark.parametrize("first", ["close", "reply", "reroute"])
@pytest.mark.parametrize("then", ["close", "reply"])
async def test_another_agents_decision_that_the_agent_was_not_shown_is_not_decided_over(world, mail, first, then):
    await world.take(await command_of(first, world, mail, mail.message_id, event_id="theirs", by="karim"))
    command = await command_of(then, world, mail, mail.message_id)
    await world.take(command)
    assert why_refused(world, command) == "case-changed", "decided over what another agent has just decided"


async def test_who_was_shown_the_newest_is_not_refused(world, mail):
    new = await second(world)
    await world.take(new)
    command = close(world, mail, new.message_id)
    await world.take(command)
    assert why_refused(world, command) is None
    assert world.case_of(mail).state is CaseState.CLOSED


async def test_what_was_shown_is_another_agents_decision(world, mail):
    theirs = await reply(world, mail, mail.message_id, event_id="theirs", by="karim")
    await world.take(theirs)
    command = close(world, mail, theirs.event_id)
    await world.take(command)
    assert why_refused(world, command) is None


async def test_ones_own_earlier_decisions_never_refuse(world, mail):
    await world.take(await reply(world, mail, mail.message_id, event_id="first"))
    await world.take(await reply(world, mail, mail.message_id, event_id="second"))
    command = close(world, mail, mail.message_id)
    await world.take(command)
    assert why_refused(world, command) is None, "an agent's own answer stands in their way"


async def test_a_refused_decision_of_another_agent_refuses_nobody(world, mail):
    await world.take(await reply(world, mail, mail.message_id, event_id="first"))
    theirs = close(world, mail, mail.message_id, event_id="theirs", by="karim")
    await world.take(theirs)
    assert why_refused(world, theirs) == "case-changed"
    command = close(world, mail, mail.message_id)
    await world.take(command)
    assert why_refused(world, command) is None, "what came to nothing stands in the way"


async def test_delivery_reports_and_what_machines_write_never_refuse(world, mail):
    about = {"case_id": world.case_of(mail).case_id, "channel": "email", "purpose": "AEE"}
    report = DeliveryChanged(event_id="report", occurred_at=SOON, outbound_id="o", state="delivered", **about)
    await world.take(report)
    await world.take(await second(world, automatic=Automatic.AUTO_SUBMITTED))
    command = close(world, mail, mail.message_id)
    await world.take(command)
    assert why_refused(world, command) is None, "a machine's note stands in an agent's way"


@pytest.mark.parametrize("shown", ["nothing of ours", "another case's"])
async def test_what_is_nothing_of_the_case_was_not_shown(world, mail, shown):
    other = await world.mail("o", "bob@boite.example")
    await world.take(other)
    command = close(world, mail, other.message_id if shown == "another case's" else shown)
    await world.take(command)
    assert why_refused(world, command) == "case-changed"


async def test_a_command_of_before_says_nothing_of_what_was_shown_and_is_taken(world, mail):
    await world.take(await second(world))
    command = close(world, mail, None)
    await world.take(command)
    assert world.case_of(mail).state is CaseState.CLOSED


async def test_a_case_of_before_takes_what_was_decided_on_it_and_refuses_what_has_been_overtaken_since(world, mail):
    case = world.case_of(mail)
    world.cases.cases[case.case_id] = case.model_copy(update={"newest": ()})
    await world.take(await reply(world, mail, mail.message_id, event_id="first", by="karim"))
    command = close(world, mail, mail.message_id)
    await world.take(command)
    assert why_refused(world, command) == "case-changed"
    world.cases.cases[case.case_id] = world.case_of(mail).model_copy(update={"newest": ()})
    again = close(world, mail, mail.message_id, event_id="again")
    await world.take(again)
    assert why_refused(world, again) is None


async def test_a_case_keeps_few_of_its_newest_and_what_is_older_was_not_shown(world, mail):
    for number in range(40):
        await world.take(await reply(world, mail, None, event_id=f"r{number}", at=SOON))
    assert len(world.case_of(mail).newest) <= 8
    command = close(world, mail, mail.message_id, by="karim")
    await world.take(command)
    assert why_refused(world, command) == "case-changed"


async def test_a_refused_command_that_comes_again_is_refused_once(world, mail):
    await world.take(await second(world))
    command = close(world, mail, mail.message_id)
    for _ in range(3):
        await world.take(command)
    assert [type(each) for each in world.published() if each.caused_by == command.event_id] == [CommandRefused]
    assert world.commands.commands[command.event_id].refused == "case-changed"


async def test_a_message_over_which_a_decision_was_refused_is_still_news(world, mail):
    await world.take(await second(world))
    await world.take(close(world, mail, mail.message_id))
    assert world.case_of(mail).has_news, "the list tells nobody of a message that the refused agent was not shown"


async def test_a_refused_hand_over_keeps_the_agents_words(world, mail):
    await world.take(await second(world))
    command = await reroute(world, mail, mail.message_id)
    await world.take(command)
    entry = world.history.of(world.case_of(mail).case_id)[-1]
    assert (entry.type, entry.reason, entry.reason_field) == ("CommandRefused", command.reason, command.event_id)


async def test_in_one_batch_what_was_decided_before_the_message_came_stands(world, mail):
    command, new = close(world, mail, mail.message_id, at=SOON), await second(world, at=LATER)
    await world.take(new, command)
    told = [type(each) for each in world.published() if each.caused_by == command.event_id]
    assert told == [CaseClosed], "the message of afterwards was decided first"


async def test_in_one_batch_a_message_of_before_the_decision_refuses_it(world, mail):
    command, new = close(world, mail, mail.message_id, at=LATER), await second(world, at=SOON)
    await world.take(command, new)
    assert why_refused(world, command) == "case-changed"


async def test_a_decision_whose_clock_is_behind_finds_the_case_that_its_message_opens(world):
    """The desk's clock may be some seconds behind the edge's."""
    mail = await world.mail("m", ALICE, at=LATER)
    about = {"event_id": "close", "occurred_at": LATER - timedelta(seconds=2), "issued_by": "lea"}
    command = CloseCase(case_id=case_id(mail.message_id), shown=mail.message_id, **about)
    await world.take(command, mail)
    assert world.case_of(mail).state is CaseState.CLOSED


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])  # worlds: made anew in each call
@given(data=st.data())
async def test_whatever_the_order_in_a_batch_the_case_comes_out_the_same(new_world, data):
    """Four messages, three agents' decisions and a report, each at a time of its own."""

    async def come_to(order):
        world = new_world()
        world.rights = rights_in(world.town.departments, "lea", "karim")
        mail = await world.mail("m", ALICE)
        await world.take(mail)
        at = [ARRIVED + timedelta(minutes=number + 1) for number in places]
        about = {"case_id": world.case_of(mail).case_id, "channel": "email", "purpose": "reply"}
        causes = [
            *[
                await world.mail(name, ALICE, in_reply_to=["m@courriel.example"], at=when)
                for name, when in zip("nop", at[:3], strict=True)
            ],
            close(world, mail, mail.message_id, event_id="close", at=at[3]),
            await reply(world, mail, shown, event_id="reply", by="karim", at=at[4]),
            close(world, mail, None, event_id="close-2", by="karim", at=at[5]),
            DeliveryChanged(event_id="report", occurred_at=at[6], outbound_id="reply-words", state="sent", **about),
        ]
        await world.take(*[causes[place] for place in order])
        world.check()
        case = world.case_of(mail)
        told = [(each.type, each.at, each.cause, each.state) for each in world.history.of(case.case_id)]
        return told, case.state, case.last_inbound, case.newest, case.closed_at

    places = data.draw(st.permutations(range(7)), "when each happened")
    shown = data.draw(st.sampled_from(["m", "n", "close"]), "what was shown")
    order = data.draw(st.permutations(range(7)), "the order in the batch")
    assert await come_to(order) == await come_to(range(7))


async def test_an_answer_of_two_agents_goes_once(world, mail):
    """Both were shown the same message; whose click comes second is told what the other has answered."""
    one = await reply(world, mail, mail.message_id, event_id="one", by="lea", at=SOON)
    other = await reply(world, mail, mail.message_id, event_id="other", by="karim", at=LATER)
    await world.take(other, one)
    [asked] = [each for each in world.published() if isinstance(each, ReplyRequested)]
    assert asked.outbound_id == one.outbound_id
    assert why_refused(world, other) == "case-changed"


def lift(world, mail, shown) -> LiftAbuse:
    case = world.case_of(mail)
    about = {"event_id": "lift", "occurred_at": LATER, "issued_by": "lea", "case_id": case.case_id}
    return LiftAbuse(sector=case.sector, shown=shown, **about)


async def test_who_floods_a_case_keeps_no_agent_from_judging_them(world, mail):
    for number in range(20):
        said = {"in_reply_to": ["m@courriel.example"], "at": SOON + timedelta(seconds=number)}
        await world.take(await world.mail(f"flood-{number}", ALICE, **said))
    command = lift(world, mail, mail.message_id)
    await world.take(command)
    assert why_refused(world, command) == "not-declared", "the sender decides when they may be judged"


async def test_another_agents_decision_overtakes_a_judgement_too(world, mail):
    await world.take(await reply(world, mail, mail.message_id, event_id="theirs", by="karim"))
    command = lift(world, mail, mail.message_id)
    await world.take(command)
    assert why_refused(world, command) == "case-changed"
