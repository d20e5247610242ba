"""What nobody knows of an outbound message waits in its case for an agent, who says it once."""

from datetime import timedelta

import pytest

from guichet.case.case import Case
from guichet.contracts.case_commands import CloseCase, SendReply, SettleDelivery
from guichet.contracts.case_events import CaseState, CommandRefused, DeliverySettled
from guichet.contracts.delivery import DeliveryChanged, DeliveryState, Settlement
from guichet.ids import receipt_id
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.agents.rights import rights_in

LATER = ARRIVED + timedelta(hours=1)
S = DeliveryState


@pytest.fixture
async def mail(world):
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    return mail


def reported(case, state, *, undecided=False, name="report"):
    return DeliveryChanged(
        event_id=name,
        occurred_at=LATER,
        outbound_id="receipt-1",
        case_id=case.case_id,
        purpose="AEE",
        channel="email",
        state=state,
        undecided=undecided,
    )


def says(case, settlement, name="click-1", *, by="lea", shown=None):
    about = {"case_id": case.case_id, "issued_by": by, "occurred_at": LATER, "shown": shown}
    return SettleDelivery(event_id=name, outbound_id="receipt-1", settlement=settlement, **about)


async def test_what_is_unknown_for_good_is_marked_and_a_doubt_is_not(world, mail):
    await world.take(reported(world.case_of(mail), S.UNKNOWN))
    assert world.case_of(mail).undecided == ()
    await world.take(reported(world.case_of(mail), S.UNKNOWN, undecided=True, name="for-good"))
    assert world.case_of(mail).undecided == ("receipt-1",)
    await world.take(reported(world.case_of(mail), S.UNKNOWN, name="told-late"))
    assert world.case_of(mail).undecided == ("receipt-1",), "a first doubt that was told late took the mark away"


async def test_a_late_report_takes_the_mark_away(world, mail):
    await world.take(reported(world.case_of(mail), S.UNKNOWN, undecided=True))
    await world.take(reported(world.case_of(mail), S.SENT, name="late"))
    assert world.case_of(mail).undecided == ()


@pytest.mark.parametrize(
    ("settlement", "shown"), [(Settlement.RECEIVED, S.DELIVERED), (Settlement.SEND_AGAIN, S.PENDING)]
)
async def test_an_agent_settles_it_once_even_in_a_closed_case(world, mail, settlement, shown):
    case = world.case_of(mail)
    await world.take(reported(case, S.UNKNOWN, undecided=True))
    await world.take(CloseCase(event_id="close", occurred_at=LATER, case_id=case.case_id, issued_by="lea"))
    await world.take(says(case, settlement))
    await world.take(says(case, settlement))
    case = world.case_of(mail)
    assert (case.undecided, case.deliveries["receipt-1"], case.state) == ((), shown, CaseState.CLOSED)
    [settled] = [each for each in world.published(case) if isinstance(each, DeliverySettled)]
    assert (settled.outbound_id, settled.settlement, settled.by) == ("receipt-1", settlement, "lea")
    entry = world.history.of(case.case_id)[-1]
    assert (entry.type, entry.state, entry.by) == ("DeliverySettled", settlement, "lea")
    world.check()


async def test_a_second_agent_comes_too_late_and_nothing_is_sent_twice(world, mail):
    case = world.case_of(mail)
    await world.take(reported(case, S.UNKNOWN, undecided=True))
    await world.take(says(case, Settlement.SEND_AGAIN), says(case, Settlement.SEND_AGAIN, "click-2"))
    events = world.published(case)
    assert len([each for each in events if isinstance(each, DeliverySettled)]) == 1, "the message goes again twice"
    assert [each.why for each in events if isinstance(each, CommandRefused)] == ["already-settled"]


@pytest.mark.parametrize("then", Settlement)
async def test_what_was_said_of_one_doubt_settles_no_later_one(world, mail, then):
    """Both saw the first doubt. One has it sent again, which ends in doubt again; then the other's click comes."""
    world.rights = rights_in(world.town.departments, "lea", "karim")
    case = world.case_of(mail)
    await world.take(reported(case, S.UNKNOWN, undecided=True))
    await world.take(says(case, Settlement.SEND_AGAIN, by="karim", shown=mail.message_id))
    await world.take(reported(case, S.UNKNOWN, undecided=True, name="report-again"))
    await world.take(says(case, then, "click-2", shown=mail.message_id))
    why = [each.why for each in world.published(case) if isinstance(each, CommandRefused)]
    assert why == ["case-changed"], "decided of a copy that its author knows nothing of"
    assert world.case_of(mail).undecided == ("receipt-1",)


async def test_an_agent_without_a_right_to_the_case_settles_nothing(world, mail):
    case = world.case_of(mail)
    await world.take(reported(case, S.UNKNOWN, undecided=True))
    command = says(case, Settlement.RECEIVED).model_copy(update={"issued_by": "nobody"})
    with pytest.raises(Exception, match="had no right"):
        await world.take(command)
    assert world.case_of(mail).undecided == ("receipt-1",)


async def test_what_did_not_leave_is_marked_until_something_makes_up_for_it(world, mail):
    for state, undecided, marked in (
        (S.SENT, False, ()),
        (S.FAILED, False, ("receipt-1",)),
        (S.FAILED, False, ("receipt-1",)),
        (S.UNKNOWN, True, ("receipt-1",)),
    ):
        case = world.case_of(mail)
        await world.take(reported(case, state, undecided=undecided, name=f"report-{state}-{undecided}"))
        assert world.case_of(mail).unsent == marked, state
    await world.take(says(world.case_of(mail), Settlement.RECEIVED))
    assert world.case_of(mail).unsent == ()
    world.check()


async def test_an_answer_makes_up_for_what_failed_and_not_for_what_an_agent_must_decide(world, mail):
    case = Case(world.case_of(mail).model_copy(update={"unsent": ("failed", "unknown"), "undecided": ("unknown",)}))
    about = {"case_id": case.record.case_id, "issued_by": "lea", "occurred_at": LATER, "shown": None}
    case.reply(SendReply(event_id="answer", outbound_id="out", answers=mail.message_id, **about), is_known=True)
    assert case.record.unsent == ("unknown",)


async def test_an_answer_on_paper_is_posted_once_and_does_in_law_from_then_on_what_it_does(world, mail):
    case = world.case_of(mail)
    await world.take(reported(case, S.WITHHELD))
    await world.take(says(case, Settlement.POSTED), says(case, Settlement.POSTED, "click-2"))
    await world.take(reported(case, S.SENT, name="told-by-the-notifier"))
    events = world.published(case)
    assert [each.settlement for each in events if isinstance(each, DeliverySettled)] == [Settlement.POSTED]
    assert [each.why for each in events if isinstance(each, CommandRefused)] == ["already-settled"]
    assert world.case_of(mail).deliveries["receipt-1"] == S.SENT
    world.check()


@pytest.mark.parametrize("state", [S.PENDING, S.SENT, S.FAILED])
async def test_what_goes_by_an_electronic_way_is_not_posted(world, mail, state):
    await world.take(reported(world.case_of(mail), state))
    await world.take(says(world.case_of(mail), Settlement.POSTED))
    assert world.case_of(mail).deliveries["receipt-1"] == state


@pytest.mark.parametrize("receipt", ["AEE", "ARE"])
async def test_no_receipt_is_posted(world, mail, receipt):
    case = world.case_of(mail)
    name = receipt_id(case.case_id, receipt)
    await world.take(reported(case, S.WITHHELD).model_copy(update={"outbound_id": name, "purpose": receipt}))
    await world.take(says(case, Settlement.POSTED).model_copy(update={"outbound_id": name}))
    assert [each.why for each in world.published(case) if isinstance(each, CommandRefused)] == ["already-settled"]
    assert world.case_of(mail).deliveries[name] == S.WITHHELD
