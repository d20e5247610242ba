"""One suite for what leaves in several parts, or several in one message, on the twin and on the real MongoDB."""

from datetime import timedelta

import pytest

from guichet.ids import CaseId, MessageId
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.deliveries.store import Deliveries
from shared.tests.store.deliveries.faces import (
    HOLD,
    NOW,
    InMemory,
    Lapse,
    OnMongo,
    S,
    a_delivery,
    claim,
    held,
    sending,
    stored,
)


class TogetherOrInPartsSuite:
    async def test_an_answer_in_parts_is_due_again_after_each(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery(in_parts=True))
        for sent in range(3):
            part = await held(deliveries)
            assert (part.parts_sent, part.unsettled_since) == (sent, None)
            await deliveries.advance(part, NOW)
            await deliveries.advance(part, NOW)  # told twice, counted once
        assert (await stored(deliveries)).parts_sent == 3
        assert (await stored(deliveries)).state is S.PENDING

    async def test_the_next_part_was_put_off_by_nobody_yet(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery(in_parts=True))
        put_off = (await held(deliveries)).model_copy(update={"tried_for": 60, "put_off_at": NOW})
        await deliveries.postpone(put_off, NOW)
        await deliveries.advance(await held(deliveries), NOW)
        assert ((part := await stored(deliveries)).tried_for, part.put_off_at) == (0, None)

    async def test_who_lost_the_hold_moves_no_part_on(self, deliveries: Deliveries, lapse: Lapse):
        await deliveries.insert_new(a_delivery(in_parts=True))
        slow = await sending(deliveries)
        await lapse()
        await held(deliveries, NOW + HOLD, "sender-2")
        await deliveries.advance(slow, NOW)
        assert (await stored(deliveries)).parts_sent == 0
        assert (await stored(deliveries)).unsettled_since == NOW

    async def test_of_an_answer_in_parts_a_report_of_failure_alone_counts(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery(in_parts=True))
        await held(deliveries)
        for state in (S.SENT, S.DELIVERED, S.READ):
            assert await deliveries.report(MessageId("outbound-1"), state, NOW, None, "SM1") is None
        assert (await stored(deliveries)).state is S.PENDING
        assert await deliveries.report(MessageId("outbound-1"), S.FAILED, NOW, "unreachable", "SM1") is not None
        assert (await stored(deliveries)).held_until is None
        assert await claim(deliveries) == []

    async def test_what_is_gathered_waits_apart_and_was_never_tried(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        later = NOW + timedelta(hours=9)
        await deliveries.gather(await held(deliveries), later)
        assert await claim(deliveries, later) == []
        assert not await deliveries.has_due("twilio-gathered", later - timedelta(seconds=1))
        assert await deliveries.has_due("twilio-gathered", later)
        [waiting] = await deliveries.claim("twilio-gathered", "gatherer", later, HOLD, 9)
        assert (waiting.attempts, waiting.unsettled_since, waiting.state) == (1, None, S.PENDING)

    async def test_who_lost_the_hold_gathers_nothing(self, deliveries: Deliveries, lapse: Lapse):
        await deliveries.insert_new(a_delivery())
        slow = await held(deliveries)
        await lapse()
        await held(deliveries, NOW + HOLD, "sender-2")
        await deliveries.gather(slow, NOW)
        assert not await deliveries.has_due("twilio-gathered", NOW)

    async def gathered(self, deliveries: Deliveries, count: int = 3) -> list[DeliveryDocument]:
        await deliveries.insert_new(*(a_delivery(nth) for nth in range(count)))
        for each in await claim(deliveries, most=count):
            await deliveries.gather(each, NOW)
        held = await deliveries.claim("twilio-gathered", "gatherer", NOW, HOLD, count)
        assert await deliveries.begin(held, NOW, HOLD)
        return held

    async def test_what_left_in_one_message_is_recorded_together_each_with_a_moment_of_its_own(
        self, deliveries: Deliveries
    ):
        [first, *others] = await self.gathered(deliveries)
        with_id = first.model_copy(update={"provider_id": "SM1"})
        assert await deliveries.conclude_together([with_id, *others], S.SENT, NOW) == 3
        assert await deliveries.conclude_together([with_id, *others], S.SENT, NOW) == 0
        found = await deliveries.of_case(CaseId("case-1"))
        assert {(each.state, each.lane, each.due_at, each.unpublished) for each in found} == {
            (S.SENT, "twilio", NOW, True)
        }
        assert len({each.changed_at for each in found}) == 3
        assert {each.held_by or each.unsettled_since for each in found} == {None}
        assert sorted(each.provider_id or "" for each in found) == ["", "", "SM1"]

    async def test_together_too_failure_counts_only_from_who_holds_them(self, deliveries: Deliveries, lapse: Lapse):
        slow = await self.gathered(deliveries)
        await lapse()
        again = await deliveries.claim("twilio-gathered", "second", NOW + HOLD, HOLD, 3)
        assert {each.unsettled_since for each in again} == {NOW}
        assert await deliveries.conclude_together(slow, S.FAILED, NOW, "refused") == 0
        await deliveries.release_together(slow, NOW, NOW)
        assert await deliveries.conclude_together(again, S.FAILED, NOW, "refused") == 3

    async def test_what_is_erased_meanwhile_is_not_recorded(self, deliveries: Deliveries):
        held = await self.gathered(deliveries)
        gone = held[0].model_copy(update={"outbound_id": MessageId("gone")})
        assert await deliveries.conclude_together([gone, *held[1:]], S.SENT, NOW) == 2

    @pytest.mark.parametrize("doubtful", [None, "timed-out"])
    async def test_what_is_let_go_together_is_due_together(self, deliveries: Deliveries, doubtful: str | None):
        later = NOW + timedelta(minutes=1)
        await deliveries.release_together(await self.gathered(deliveries), NOW, later, doubtful=doubtful)
        assert {each.reason for each in await deliveries.of_case(CaseId("case-1"))} == {doubtful}
        again = await deliveries.claim("twilio-gathered", "second", later, HOLD, 9)
        assert len(again) == 3
        state = S.PENDING if doubtful is None else S.UNKNOWN
        assert {(each.state, each.unsettled_since) for each in again} == {(state, NOW if doubtful else None)}


class TestInMemoryTogetherOrInParts(TogetherOrInPartsSuite, InMemory): ...


@pytest.mark.real
class TestMongoTogetherOrInParts(TogetherOrInPartsSuite, OnMongo): ...
