"""What an agent finds in a conversation and enters opens a case of its own, owed receipts from the original day."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from guichet.case.legal_facts import facts_of
from guichet.contracts.case_events import CaseOpened, CaseState
from guichet.contracts.delivery import Purpose, mail_message_id
from guichet.contracts.legal_facts import FactKind
from guichet.ids import CaseId, receipt_id
from guichet.law.calendar import paris_date
from guichet.law.clocks.case_clocks import case_clocks
from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.facts import Saisine
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.inbound import TOWN_NUMBER, mail_content, sealed_message, sms_content

ALICE = "+33639980101"
ENTERED_AT = ARRIVED + timedelta(days=2)
PROCEDURE = "signalement-voirie"


async def other_request(world, first, *, name="entered", channel="sms", content=None, **fields):
    """Return what the desk publishes of a message that joined the case of another."""
    case = world.case_of(first)
    content = content or sms_content(ALICE, "Et il me faut un acte de naissance.")
    said = content.model_copy(update={"asked_in": case.case_id})
    own = {"channel": channel, "accounts": case_accounts(channel), "entered_by": "lea", "received_at": ARRIVED}
    return await sealed_message(world.vault, name, said, ENTERED_AT, **own | {"arrived_at": ENTERED_AT} | fields)


def case_accounts(channel):
    return (TOWN_NUMBER,) if channel == "sms" else ("contact@mairie.example",)


@pytest.fixture
async def talk(world):
    """A conversation of two messages, both about the first case, and the second as a request of its own."""
    one, two = (
        await world.sms("one", ALICE, "Lampadaire éteint"),
        await world.sms("two", ALICE, "Un acte de naissance ?"),
    )
    await world.take_one_by_one(one, two)
    assert world.case_of(one) == world.case_of(two)
    return SimpleNamespace(one=one, two=two, entered=await other_request(world, one))


async def test_it_opens_a_case_of_its_own_and_the_message_stays_where_it_is(world, talk):
    await world.take(talk.entered)
    case = world.case_of(talk.entered)
    assert world.case_of(talk.two) == world.case_of(talk.one) != case
    assert (case.channel, case.account, case.entered_by) == ("sms", TOWN_NUMBER, "lea")
    assert (case.received_at, case.updated_at, case.state) == (ARRIVED, ENTERED_AT, CaseState.RECEIVED)
    assert await world.links_of(talk.entered) == (world.case_of(talk.one).case_id,)
    world.check()


async def test_however_often_it_comes_it_is_one_case(world, talk):
    for _ in range(3):
        await world.take(talk.entered)
    await world.take(talk.entered, talk.entered)
    assert len(world.cases.cases) == 2
    world.check()


async def test_its_author_is_who_wrote_the_message_as_surely(world, talk):
    await world.take(talk.entered)
    first, case = world.case_of(talk.one), world.case_of(talk.entered)
    assert (case.unverified, case.citizen is not None) == (first.unverified, first.citizen is not None) == (False, True)


async def test_both_receipts_are_owed_from_the_day_of_the_message(world, talk):
    await world.take(talk.entered)
    case = world.case_of(talk.entered)
    facts = facts_of(case, world.town)
    assert (facts[0].on, facts[0].saisine) == (paris_date(ARRIVED), Saisine.ELECTRONIC)
    clocks = {each.kind: each for each in case_clocks(facts, world.town.clock_rules, paris_date(ENTERED_AT)).clocks}
    of_the_first = case_clocks(
        facts_of(world.case_of(talk.one), world.town), world.town.clock_rules, paris_date(ARRIVED)
    )
    due = {each.kind: each.due for each in of_the_first.clocks}
    for kind in (ClockKind.AEE, ClockKind.ARE):
        assert clocks[kind].due == due[kind]
    [opened] = [each for each in world.published(case) if isinstance(each, CaseOpened)]
    assert (opened.channel, opened.received_at, opened.acknowledged) == ("sms", ARRIVED, False)


async def test_with_a_procedure_the_whole_acknowledgement_leaves_at_once(world, talk):
    entered = await other_request(world, talk.one, procedure=PROCEDURE)
    await world.take(entered)
    case = world.case_of(entered)
    assert [each.event for each in case.facts] == [FactKind.PROCEDURE_CONFIRMED]
    assert [each.type for each in world.published(case)] == ["CaseOpened", "ReceiptOwed"]
    assert world.published(case)[1].received_on == paris_date(ARRIVED)


async def test_the_conversation_goes_on_in_the_new_case(world, talk):
    await world.take(talk.entered)
    more = await world.sms("more", ALICE, "Pour ma fille", at=ENTERED_AT + timedelta(hours=1))
    await world.take(more)
    assert world.case_of(more) == world.case_of(talk.entered)
    world.check()


@pytest.mark.parametrize("batch", [True, False])
@pytest.mark.parametrize("times", [1, 2])
async def test_it_takes_the_conversation_from_no_third_case(world, talk, batch, times):
    """Which asks something, for instance: the citizen's answer is read there, and not in another sector."""
    third = await world.sms("third", ALICE, "/nouvelle Une aide", at=ARRIVED + timedelta(hours=1))
    more = await world.sms("more", ALICE, "Deux enfants", at=ENTERED_AT + timedelta(hours=1))
    await world.take(third)
    if batch:
        await world.take(*[talk.entered] * times, more)
    else:
        await world.take_one_by_one(*[talk.entered] * times, more)
    assert world.case_of(more) == world.case_of(third)
    assert len({world.case_of(each).case_id for each in (talk.one, third, talk.entered)}) == 3
    world.check()


async def test_asked_in_the_present_case_it_takes_the_conversation_though_there_was_one_before(world, talk):
    third = await world.sms("third", ALICE, "/nouvelle Une aide", at=ARRIVED + timedelta(hours=1))
    await world.take(third)
    entered = await other_request(world, third)
    more = await world.sms("more", ALICE, "Deux enfants", at=ENTERED_AT + timedelta(hours=1))
    await world.take_one_by_one(entered, more)
    assert world.case_of(more) == world.case_of(entered) != world.case_of(third)


async def test_a_mail_that_joined_a_thread_opens_one_too_and_its_receipt_is_answered_there(world):
    first = await world.mail("m", "alice@courriel.example", authenticated=True)
    await world.take(first)
    content = mail_content("alice@courriel.example", message_id=None, to=(), authenticated=True)
    entered = await other_request(world, first, channel="email", content=content)
    await world.take(entered)
    case = world.case_of(entered)
    assert case.case_id != world.case_of(first).case_id
    assert case.unverified is False
    receipt = mail_message_id(receipt_id(case.case_id, Purpose.AEE), world.town.domain)
    answer = await world.mail("answer", "alice@courriel.example", in_reply_to=[receipt])
    await world.take(answer)
    assert world.case_of(answer).case_id == case.case_id
    world.check()


async def test_what_came_by_itself_is_linked_to_nothing_by_its_own_word(world, talk):
    content = sms_content("+33639980102").model_copy(update={"asked_in": CaseId("0" * 32)})
    stranger = await sealed_message(world.vault, "stranger", content, channel="sms", accounts=(TOWN_NUMBER,))
    await world.take(stranger)
    assert await world.links_of(stranger) == ()
