"""A receipt that did not arrive is an agent's, unless what it said goes another way: R9 (docs/law.md 51)."""

from datetime import timedelta
from itertools import permutations

import pytest

from guichet.contracts.delivery import DeliveryChanged, DeliveryState
from guichet_testing.builders.case import ARRIVED

LATER = ARRIVED + timedelta(hours=1)
S = DeliveryState


@pytest.fixture
async def mail(world):
    mail = await world.mail("m", "alice@courriel.example")
    await world.take(mail)
    return mail


def reported(case, state, outbound="receipt-1", *, goes_another_way=False, reason=None):
    return DeliveryChanged(
        event_id=f"{outbound} {state}",
        occurred_at=LATER,
        outbound_id=outbound,
        case_id=case.case_id,
        purpose="AEE",
        channel="sms",
        state=state,
        reason=reason,
        goes_another_way=goes_another_way,
    )


async def test_r9_what_failed_for_good_opens_an_agents_task(world, mail):
    await world.take(reported(world.case_of(mail), S.FAILED, reason="landline"))
    assert world.case_of(mail).unsent == ("receipt-1",)


async def test_r9_what_goes_another_way_is_nobodys_task_unless_that_fails_too(world, mail):
    await world.take(reported(world.case_of(mail), S.FAILED, goes_another_way=True))
    assert world.case_of(mail).unsent == ()
    await world.take(reported(world.case_of(mail), S.FAILED, "receipt-2"))
    case = world.case_of(mail)
    assert case.unsent == ("receipt-2",)
    assert {case.deliveries["receipt-1"], case.deliveries["receipt-2"]} == {S.FAILED}, "the story shows both"


@pytest.mark.parametrize("order", permutations(["sent", "failed", "next"]))
async def test_r9_in_whatever_order_it_is_reported(world, mail, order):
    case = world.case_of(mail)
    reports = {
        "sent": reported(case, S.SENT),
        "failed": reported(case, S.FAILED, goes_another_way=True),
        "next": reported(case, S.SENT, "receipt-2"),
    }
    for each in order:
        await world.take(reports[each])
    assert world.case_of(mail).unsent == ()
