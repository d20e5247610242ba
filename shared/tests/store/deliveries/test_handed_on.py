"""One suite for what goes in place of a delivery that failed, on the twin and on the real MongoDB."""

from datetime import timedelta

import pytest

from guichet.contracts.delivery import DeliveryState
from guichet.ids import CaseId, MessageId
from guichet.store.deliveries.document import ANOTHER_WAY, changed_event
from guichet.store.deliveries.store import Deliveries
from shared.tests.store.deliveries.faces import NOW, InMemory, OnMongo, a_delivery, sending, stored

NEXT = MessageId("outbound-2")


class HandedOnSuite:
    async def test_what_failed_is_owed_no_more_and_says_what_goes_in_its_place(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        await deliveries.conclude(await sending(deliveries), DeliveryState.FAILED, NOW, "landline", None)
        for _ in range(2):
            await deliveries.hand_on(MessageId("outbound-1"), NEXT)
        failed = await stored(deliveries)
        assert (failed.goes_on_as, failed.overdue_at, failed.state) == (NEXT, None, DeliveryState.FAILED)
        assert failed.unpublished, "others are still to hear of it"
        assert changed_event(failed).goes_another_way

    async def test_of_what_is_erased_nothing_is_noted(self, deliveries: Deliveries):
        await deliveries.hand_on(MessageId("outbound-1"), NEXT)
        assert await deliveries.of_case(CaseId("case-1")) == []

    async def test_what_arrived_after_all_is_left_as_it_is(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        await deliveries.conclude(await sending(deliveries), DeliveryState.DELIVERED, NOW, None, "SM1")
        await deliveries.hand_on(MessageId("outbound-1"), NEXT)
        arrived = await stored(deliveries)
        assert (arrived.goes_on_as, arrived.overdue_at) == (None, NOW + timedelta(days=1))

    async def test_what_goes_in_its_place_is_owed_once(self, deliveries: Deliveries):
        instead = a_delivery(2, after=MessageId("outbound-1"), instead=MessageId("mail-of-hers"), reason=ANOTHER_WAY)
        assert await deliveries.insert_new(instead) == frozenset()
        assert await deliveries.insert_new(instead.model_copy()) == {NEXT}
        assert (await stored(deliveries, 2)).after == "outbound-1"


class TestInMemoryHandedOn(InMemory, HandedOnSuite):
    pass


@pytest.mark.real
class TestMongoHandedOn(OnMongo, HandedOnSuite):
    pass
