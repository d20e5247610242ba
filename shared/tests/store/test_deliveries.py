"""One suite for deliveries, on the twin and on the real MongoDB."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.contracts.inbound import Channel
from guichet.ids import CaseId, MessageId
from guichet.runtime.settings import MongoSettings
from guichet.store.client import connect
from guichet.store.deliveries import INDEXES, Deliveries, MongoDeliveries
from guichet.store.delivery_document import RANK, DeliveryDocument, changed_event, lower_than
from guichet.testing.deliveries import InMemoryDeliveries

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
HOLD = timedelta(minutes=2)
S = DeliveryState


def a_delivery(nth: int = 1, **changes: object) -> DeliveryDocument:
    values: dict[str, object] = {
        "_id": MessageId(f"outbound-{nth}"),
        "case_id": CaseId("case-1"),
        "purpose": Purpose.AEE,
        "channel": Channel.SMS,
        "lane": "twilio",
        "account": "+33199001200",
        "answers": MessageId("message-1"),
        "requested_at": NOW,
        "due_at": NOW,
        "changed_at": NOW,
        "overdue_at": NOW + timedelta(days=1),
    }
    return DeliveryDocument.model_validate({**values, **changes})


async def held(deliveries: Deliveries, now: datetime = NOW, token: str = "sender-1") -> DeliveryDocument:
    [found] = await claim(deliveries, now, token)
    return found


async def claim(
    deliveries: Deliveries, now: datetime = NOW, token: str = "sender-2", most: int = 1
) -> list[DeliveryDocument]:
    return await deliveries.claim("twilio", token, now, HOLD, most)


async def stored(deliveries: Deliveries, nth: int = 1) -> DeliveryDocument:
    wanted = MessageId(f"outbound-{nth}")
    [found] = [each for each in await deliveries.of_case(CaseId("case-1")) if each.outbound_id == wanted]
    return found


class DeliveriesSuite:
    async def test_an_intent_recorded_twice_is_recorded_once(self, deliveries: Deliveries):
        assert await deliveries.insert_new(a_delivery()) == frozenset()
        assert await deliveries.insert_new(a_delivery(account="+33199009999"), a_delivery(2)) == {"outbound-1"}
        assert (await stored(deliveries)).account == "+33199001200"
        assert len(await deliveries.of_case(CaseId("case-1"))) == 2

    async def test_nothing_to_record_is_no_error(self, deliveries: Deliveries):
        await deliveries.insert_new()

    async def test_the_longest_due_is_claimed_first_and_once(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery(1), a_delivery(2, due_at=NOW - timedelta(hours=1)))
        first, second = await held(deliveries), await held(deliveries, token="sender-2")
        assert (first.outbound_id, second.outbound_id) == ("outbound-2", "outbound-1")
        assert await claim(deliveries, token="sender-3") == []

    async def test_several_are_claimed_at_once_the_longest_due_first(self, deliveries: Deliveries):
        await deliveries.insert_new(*(a_delivery(nth, due_at=NOW - timedelta(hours=nth)) for nth in (2, 3, 1)))
        claimed = await claim(deliveries, most=2)
        assert [each.outbound_id for each in claimed] == ["outbound-3", "outbound-2"]
        assert [(each.attempts, each.held_by, each.due_at) for each in claimed] == [(1, "sender-2", NOW + HOLD)] * 2
        assert [each.outbound_id for each in await claim(deliveries, token="sender-3", most=2)] == ["outbound-1"]

    async def test_no_two_senders_hold_the_same_delivery(self, deliveries: Deliveries):
        await deliveries.insert_new(*(a_delivery(nth) for nth in range(8)))
        claims = await asyncio.gather(*(claim(deliveries, token=f"sender-{n}", most=3) for n in range(12)))
        claimed = [each.outbound_id for claimed in claims for each in claimed]
        assert sorted(claimed) == sorted({*claimed})
        assert len(claimed) == 8

    async def test_another_lane_and_a_later_delivery_are_left_alone(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery(1, lane="mail"), a_delivery(2, due_at=NOW + timedelta(seconds=1)))
        assert await claim(deliveries) == []

    async def test_a_first_attempt_has_nothing_to_settle(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        first = await held(deliveries)
        assert (first.attempts, first.unsettled_since, first.held_by) == (1, None, "sender-1")

    async def test_after_its_sender_died_a_delivery_is_claimed_again_and_to_be_settled(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        await held(deliveries)
        assert await claim(deliveries, NOW + HOLD - timedelta(seconds=1)) == []
        again = await held(deliveries, NOW + HOLD, "sender-2")
        assert (again.attempts, again.unsettled_since) == (2, NOW)

    async def test_the_oldest_unsettled_attempt_is_remembered(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        await held(deliveries)
        await held(deliveries, NOW + HOLD, "sender-2")
        assert (await held(deliveries, NOW + 2 * HOLD, "sender-3")).unsettled_since == NOW

    async def test_a_settled_postponement_forgets_the_attempt(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        later = NOW + timedelta(seconds=30)
        await deliveries.postpone(await held(deliveries), later, settled=True)
        assert await claim(deliveries) == []
        assert (await held(deliveries, later)).unsettled_since is None

    async def test_an_unsettled_postponement_remembers_it(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        await deliveries.postpone(await held(deliveries), NOW, settled=False)
        assert (await held(deliveries)).unsettled_since == NOW

    async def test_a_doubtful_outcome_is_unknown_until_it_is_settled(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        later = NOW + timedelta(minutes=1)
        await deliveries.doubt(await held(deliveries), "timed-out", NOW, later)
        doubted = await stored(deliveries)
        assert (doubted.state, doubted.reason, doubted.unpublished) == (S.UNKNOWN, "timed-out", True)
        await deliveries.mark_published(doubted)
        again = await held(deliveries, later)
        assert again.unsettled_since == NOW
        await deliveries.doubt(again, "timed-out", later, later)
        assert not (await stored(deliveries)).unpublished
        assert await deliveries.conclude(await held(deliveries, later), S.SENT, later, None, "SM1")
        assert (await stored(deliveries)).state is S.SENT

    async def test_success_counts_even_when_the_hold_was_lost(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        slow = await held(deliveries)
        await held(deliveries, NOW + HOLD, "sender-2")
        assert await deliveries.conclude(slow, S.SENT, NOW, None, "SM1")
        assert (await stored(deliveries)).provider_id == "SM1"

    async def test_failure_counts_only_from_who_holds_the_delivery(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        slow = await held(deliveries)
        second = await held(deliveries, NOW + HOLD, "sender-2")
        assert not await deliveries.conclude(slow, S.FAILED, NOW, "refused", None)
        await deliveries.postpone(slow, NOW, settled=True)
        await deliveries.doubt(slow, "timed-out", NOW, NOW)
        assert (await stored(deliveries)).state is S.PENDING
        assert await deliveries.conclude(second, S.FAILED, NOW, "refused", None)

    async def test_an_answer_in_parts_is_due_again_after_each(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery(in_parts=True))
        for sent in range(3):
            part = await held(deliveries)
            assert (part.parts_sent, part.unsettled_since) == (sent, None)
            await deliveries.advance(part, NOW)
            await deliveries.advance(part, NOW)  # told twice, counted once
        assert (await stored(deliveries)).parts_sent == 3
        assert (await stored(deliveries)).state is S.PENDING

    async def test_who_lost_the_hold_moves_no_part_on(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery(in_parts=True))
        slow = await held(deliveries)
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
        assert await claim(deliveries, NOW + HOLD) == []

    async def test_what_is_concluded_is_not_claimed_again(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        await deliveries.conclude(await held(deliveries), S.SENT, NOW, None, None)
        assert await claim(deliveries, NOW + timedelta(days=9)) == []

    async def test_a_change_waits_to_be_published(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        await deliveries.report(MessageId("outbound-1"), S.SENT, NOW, None, "SM1")
        assert await deliveries.unpublished(NOW) == []
        [waiting] = await deliveries.unpublished(NOW + timedelta(seconds=1))
        await deliveries.report(MessageId("outbound-1"), S.DELIVERED, NOW, None, "SM1")
        await deliveries.mark_published(waiting)
        [later] = await deliveries.unpublished(NOW + timedelta(seconds=1))
        assert later.state is S.DELIVERED
        await deliveries.mark_published(later)
        assert await deliveries.unpublished(NOW + timedelta(seconds=1)) == []

    async def test_a_report_about_nothing_we_sent_changes_nothing(self, deliveries: Deliveries):
        assert not await deliveries.report(MessageId("nobody"), S.SENT, NOW, None, "SM1")

    async def test_ids_of_the_provider_are_known_again(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        await deliveries.report(MessageId("outbound-1"), S.SENT, NOW, None, "SM1")
        assert await deliveries.taken(["SM1", "SM2"], MessageId("outbound-2")) == {"SM1"}
        assert await deliveries.taken(["SM1", "SM2"], MessageId("outbound-1")) == set()

    async def test_only_legal_receipts_past_their_day_are_overdue(self, deliveries: Deliveries):
        await deliveries.insert_new(
            a_delivery(1),
            a_delivery(2, overdue_at=None),
            a_delivery(3, purpose=Purpose.REPLY),
            a_delivery(4, state=S.SENT),
            a_delivery(5, overdue_at=NOW + timedelta(days=2)),
        )
        assert [each.outbound_id for each in await deliveries.overdue(NOW + timedelta(days=1))] == ["outbound-1"]

    @pytest.mark.parametrize(("state", "is_late"), [(state, state in (S.PENDING, S.UNKNOWN, S.FAILED)) for state in S])
    async def test_a_receipt_that_did_not_leave_is_overdue_even_when_nobody_tries_any_more(
        self, deliveries: Deliveries, state: S, is_late: bool
    ):
        await deliveries.insert_new(a_delivery(state=state))
        assert bool(await deliveries.overdue(NOW + timedelta(days=1))) == is_late

    @pytest.mark.parametrize(("state", "settles"), [(state, state in (S.SENT, S.DELIVERED, S.READ)) for state in S])
    async def test_an_answer_that_left_stands_for_the_receipt_of_its_case(
        self, deliveries: Deliveries, state: S, settles: bool
    ):
        await deliveries.insert_new(
            a_delivery(1, state=S.FAILED),
            a_delivery(2, purpose=Purpose.REPLY, overdue_at=None, state=state),
            a_delivery(3, case_id=CaseId("case-2")),
        )
        expected = ["outbound-3"] if settles else ["outbound-1", "outbound-3"]
        assert sorted(each.outbound_id for each in await deliveries.overdue(NOW + timedelta(days=1))) == expected

    async def test_answered_cases_take_no_place_of_late_ones(self, deliveries: Deliveries):
        await deliveries.insert_new(
            a_delivery(1, state=S.FAILED),
            a_delivery(2, purpose=Purpose.REPLY, overdue_at=None, state=S.SENT),
            a_delivery(3, case_id=CaseId("case-2")),
        )
        assert [each.outbound_id for each in await deliveries.overdue(NOW + timedelta(days=1), limit=1)] == [
            "outbound-3"
        ]

    async def test_what_is_gathered_waits_apart_and_was_never_tried(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        later = NOW + timedelta(hours=9)
        await deliveries.gather(await held(deliveries), later)
        assert await claim(deliveries, later) == []
        assert not await deliveries.has_due("twilio-gathered", later - timedelta(seconds=1))
        assert await deliveries.has_due("twilio-gathered", later)
        [waiting] = await deliveries.claim("twilio-gathered", "gatherer", later, HOLD, 9)
        assert (waiting.attempts, waiting.unsettled_since, waiting.state) == (1, None, S.PENDING)

    async def test_who_lost_the_hold_gathers_nothing(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        slow = await held(deliveries)
        await held(deliveries, NOW + HOLD, "sender-2")
        await deliveries.gather(slow, NOW)
        assert not await deliveries.has_due("twilio-gathered", NOW)

    async def gathered(self, deliveries: Deliveries, count: int = 3) -> list[DeliveryDocument]:
        await deliveries.insert_new(*(a_delivery(nth) for nth in range(count)))
        for each in await claim(deliveries, most=count):
            await deliveries.gather(each, NOW)
        return await deliveries.claim("twilio-gathered", "gatherer", NOW, HOLD, count)

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

    async def test_together_too_failure_counts_only_from_who_holds_them(self, deliveries: Deliveries):
        slow = await self.gathered(deliveries)
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

    async def test_reports_in_any_order_end_in_the_furthest_state(self, deliveries: Deliveries):
        for nth, states in enumerate(itertools.product([S.SENT, S.DELIVERED, S.READ, S.FAILED], repeat=3)):
            await deliveries.insert_new(a_delivery(nth))
            seen = [S.PENDING]
            for state in states:
                moved = await deliveries.report(MessageId(f"outbound-{nth}"), state, NOW, None, "SM1")
                seen.append((await stored(deliveries, nth)).state)
                assert (moved is not None) == (seen[-1] is not seen[-2])
                assert moved is None or moved == await stored(deliveries, nth)
            assert seen[-1] is max(states, key=lambda state: RANK[state])


class TestInMemoryDeliveries(DeliveriesSuite):
    @pytest.fixture
    def deliveries(self) -> Deliveries:
        return InMemoryDeliveries()


@pytest.mark.real
class TestMongoDeliveries(DeliveriesSuite):
    @pytest.fixture
    async def deliveries(self, mongo_server, mongo_database) -> Deliveries:
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        for name, indexes in INDEXES.items():
            await database[name].create_indexes(indexes)
        return MongoDeliveries(database)


def test_the_event_of_a_state_is_the_same_at_every_call():
    sent = a_delivery(state=S.SENT, reason=None)
    assert changed_event(sent) == changed_event(sent.model_copy(update={"attempts": 9}))
    assert changed_event(sent).event_id != changed_event(sent.model_copy(update={"state": S.DELIVERED})).event_id


def test_nothing_takes_a_withheld_delivery_back():
    assert not [state for state in S if S.WITHHELD in lower_than(state)]
