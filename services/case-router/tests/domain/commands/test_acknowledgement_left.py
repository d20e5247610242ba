"""What the notifier says of a receipt is a fact of the case: the law's clock of it ends (docs/law.md 8, 11)."""

from datetime import timedelta

import pytest

from guichet.contracts.delivery import DeliveryChanged, DeliveryState, Purpose
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet_testing.builders.case import ARRIVED

LATER = ARRIVED + timedelta(days=3)
S = DeliveryState


@pytest.fixture
async def mail(world):
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    return mail


def reported(case, state, *, name="report", purpose=Purpose.ARE, at=LATER):
    return DeliveryChanged(
        event_id=name,
        occurred_at=at,
        outbound_id=f"receipt-{purpose}",
        case_id=case.case_id,
        purpose=purpose,
        channel="email",
        state=state,
    )


def receipts(case):
    return [fact for fact in case.facts if fact.event is FactKind.RECEIPT_SENT]


@pytest.mark.parametrize(("purpose", "receipt"), [(Purpose.AEE, "aee"), (Purpose.ARE, "are")])
@pytest.mark.parametrize("state", [S.SENT, S.DELIVERED, S.READ])
async def test_a_receipt_that_left_is_a_fact(world, mail, purpose, receipt, state):
    await world.take(reported(world.case_of(mail), state, purpose=purpose))
    expected = StatedFact(event=FactKind.RECEIPT_SENT, at=LATER, receipt=receipt)
    assert receipts(world.case_of(mail)) == [expected]


@pytest.mark.parametrize("state", [S.PENDING, S.UNKNOWN, S.FAILED, S.WITHHELD])
async def test_one_that_did_not_leave_is_none(world, mail, state):
    await world.take(reported(world.case_of(mail), state))
    assert receipts(world.case_of(mail)) == []


async def test_the_first_counts_however_often_and_in_what_order_it_is_told(world, mail):
    case = world.case_of(mail)
    await world.take(reported(case, S.DELIVERED, name="second", at=LATER + timedelta(minutes=5)))
    await world.take(reported(case, S.SENT, name="first"))
    await world.take(reported(case, S.SENT, name="first"))
    assert [fact.at for fact in receipts(world.case_of(mail))] == [LATER]


async def test_with_it_no_clock_of_a_receipt_runs(world, mail):
    assert world.case_of(mail).due.clock is not None
    await world.take(reported(world.case_of(mail), S.SENT))
    assert world.case_of(mail).due.clock not in {"aee", "are"}
