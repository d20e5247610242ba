"""One suite for deliveries, on the twin and on the real MongoDB."""

import asyncio
import itertools
from datetime import date, timedelta

import pytest

from guichet.contracts.acknowledgement import Acknowledgement
from guichet.contracts.case_events import SilenceStatement
from guichet.contracts.delivery import Purpose
from guichet.ids import CaseId, MessageId, ProcedureId
from guichet.store.deliveries.document import RANK, changed_event, gathered, lower_than
from guichet.store.deliveries.store import Deliveries, MongoDeliveries
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


class DeliveriesSuite:
    async def test_an_intent_recorded_twice_is_recorded_once(self, deliveries: Deliveries):
        assert await deliveries.insert_new(a_delivery()) == frozenset()
        assert await deliveries.insert_new(a_delivery(account="+33199009999"), a_delivery(2)) == {"outbound-1"}
        assert (await stored(deliveries)).account == "+33199001200"
        assert len(await deliveries.of_case(CaseId("case-1"))) == 2

    async def test_what_an_acknowledgement_says_is_kept_as_it_was_owed(self, deliveries: Deliveries):
        silence = SilenceStatement(means="rejects", decides_on=date(2026, 7, 1))
        says = Acknowledgement(
            received_on=date(2026, 5, 1), is_full=True, silence=silence, procedure=ProcedureId("terrasse")
        )
        await deliveries.insert_new(a_delivery(purpose=Purpose.ARE, acknowledgement=says))
        [kept] = await deliveries.of_case(CaseId("case-1"))
        assert kept.acknowledgement == says

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
        assert [(each.attempts, each.held_by) for each in claimed] == [(1, "sender-2")] * 2
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

    async def test_after_its_sender_died_a_delivery_is_claimed_again_and_to_be_settled(
        self, deliveries: Deliveries, lapse: Lapse
    ):
        await deliveries.insert_new(a_delivery())
        await sending(deliveries)
        assert await claim(deliveries, NOW + timedelta(days=9)) == [], "Guichet's clock ended a lease"
        await lapse()
        again = await held(deliveries, NOW, "sender-2")
        assert (again.attempts, again.unsettled_since, again.copies) == (2, NOW, 1)

    async def test_a_sender_that_died_before_it_sent_leaves_no_doubt(self, deliveries: Deliveries, lapse: Lapse):
        await deliveries.insert_new(a_delivery())
        await held(deliveries)
        await lapse()
        again = await held(deliveries, NOW, "sender-2")
        assert (again.attempts, again.unsettled_since, again.copies) == (2, None, 0)

    async def test_the_oldest_unsettled_attempt_is_remembered_and_each_counted(
        self, deliveries: Deliveries, lapse: Lapse
    ):
        await deliveries.insert_new(a_delivery())
        for nth in range(3):
            await sending(deliveries, NOW + nth * HOLD, f"sender-{nth}")
            await lapse()
        again = await held(deliveries, NOW + 4 * HOLD, "sender-9")
        assert (again.unsettled_since, again.copies) == (NOW, 3)

    async def test_who_slept_past_the_lease_may_not_begin(self, deliveries: Deliveries, lapse: Lapse):
        await deliveries.insert_new(a_delivery())
        slept = await held(deliveries)
        await lapse()
        assert not await deliveries.begin([slept], NOW, HOLD)
        assert (await stored(deliveries)).copies == 0

    async def test_who_was_overtaken_may_not_begin(self, deliveries: Deliveries, lapse: Lapse):
        await deliveries.insert_new(a_delivery())
        slow = await held(deliveries)
        await lapse()
        await held(deliveries, token="sender-2")
        assert not await deliveries.begin([slow], NOW, HOLD)

    async def test_a_lease_that_is_kept_lasts(self, deliveries: Deliveries, lapse: Lapse):
        await deliveries.insert_new(a_delivery())
        slow = await sending(deliveries)
        await lapse()
        await deliveries.keep([slow], HOLD)
        assert await claim(deliveries) == []

    async def test_of_several_those_begin_that_are_still_held(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery(1), a_delivery(2))
        both = [await held(deliveries, token="sender-1"), await held(deliveries, token="sender-2")]
        assert await deliveries.begin(both, NOW, HOLD) == {"outbound-1", "outbound-2"}
        gone = both[0].model_copy(update={"outbound_id": MessageId("erased-meanwhile")})
        again = both[1].model_copy(update={"copies": 1})
        assert await deliveries.begin([gone, again], NOW, HOLD) == {"outbound-2"}

    async def test_what_did_not_leave_forgets_the_attempt(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        later = NOW + timedelta(seconds=30)
        await deliveries.postpone(await sending(deliveries), later)
        assert await claim(deliveries) == []
        again = await held(deliveries, later)
        assert (again.unsettled_since, again.copies) == (None, 0)

    async def test_what_did_not_leave_remembers_the_attempts_before(self, deliveries: Deliveries, lapse: Lapse):
        await deliveries.insert_new(a_delivery())
        await sending(deliveries)
        await lapse()
        again = await sending(deliveries, token="sender-2")
        put_off = {"tried_for": 7, "put_off_at": NOW, "bugs": 1}
        await deliveries.postpone(again.model_copy(update=put_off), NOW)
        third = await held(deliveries)
        assert (third.unsettled_since, third.copies) == (NOW, 1)
        assert (third.tried_for, third.put_off_at, third.bugs) == (7, NOW, 1)

    async def test_what_is_undecided_is_not_sent_any_more_and_told_once(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        await deliveries.doubt(await sending(deliveries), "timed-out", NOW, NOW)
        doubted = await stored(deliveries)
        await deliveries.leave_undecided([await sending(deliveries)], NOW, "timed-out")
        undecided = await stored(deliveries)
        assert (undecided.state, undecided.undecided_since, undecided.held_by) == (S.UNKNOWN, NOW, None)
        assert await claim(deliveries, NOW + timedelta(days=9999)) == []
        assert changed_event(undecided).event_id != changed_event(doubted).event_id
        assert (changed_event(doubted).undecided, changed_event(undecided).undecided) == (False, True)
        await deliveries.mark_published(doubted)  # told late
        assert await deliveries.unpublished(NOW + timedelta(seconds=1)) == [undecided]
        await deliveries.mark_published(undecided)
        assert await deliveries.unpublished(NOW + timedelta(seconds=1)) == []

    async def test_a_late_report_of_the_provider_ends_what_was_undecided(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        await deliveries.leave_undecided([await sending(deliveries)], NOW, "timed-out")
        assert await deliveries.report(MessageId("outbound-1"), S.DELIVERED, NOW, None, "SM1")
        assert (await stored(deliveries)).undecided_since is None

    async def test_a_doubtful_outcome_is_unknown_until_it_is_settled(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        later = NOW + timedelta(minutes=1)
        await deliveries.doubt(await sending(deliveries), "timed-out", NOW, later)
        doubted = await stored(deliveries)
        assert (doubted.state, doubted.reason, doubted.unpublished) == (S.UNKNOWN, "timed-out", True)
        await deliveries.mark_published(doubted)
        again = await held(deliveries, later)
        assert again.unsettled_since == NOW
        await deliveries.doubt(again, "timed-out", later, later)
        assert not (await stored(deliveries)).unpublished
        assert await deliveries.conclude(await held(deliveries, later), S.SENT, later, None, "SM1")
        assert (await stored(deliveries)).state is S.SENT

    async def test_what_a_provider_denied_counts_as_no_copy_and_as_trying(self, deliveries: Deliveries):
        await deliveries.insert_new(a_delivery())
        for _ in range(2):
            tried = (await sending(deliveries)).model_copy(update={"tried_for": 60, "put_off_at": NOW})
            await deliveries.doubt(tried, "server-error", NOW, NOW, denied=True)
            doubted = await stored(deliveries)
            assert (doubted.state, doubted.copies, doubted.tried_for) == (S.UNKNOWN, 0, 60)
            assert doubted.unsettled_since == NOW

    async def test_success_counts_even_when_the_hold_was_lost(self, deliveries: Deliveries, lapse: Lapse):
        await deliveries.insert_new(a_delivery())
        slow = await held(deliveries)
        await lapse()
        await held(deliveries, NOW + HOLD, "sender-2")
        assert await deliveries.conclude(slow, S.SENT, NOW, None, "SM1")
        assert (await stored(deliveries)).provider_id == "SM1"

    async def test_failure_counts_only_from_who_holds_the_delivery(self, deliveries: Deliveries, lapse: Lapse):
        await deliveries.insert_new(a_delivery())
        slow = await held(deliveries)
        await lapse()
        second = await held(deliveries, NOW + HOLD, "sender-2")
        assert not await deliveries.conclude(slow, S.FAILED, NOW, "refused", None)
        await deliveries.postpone(slow, NOW)
        await deliveries.doubt(slow, "timed-out", NOW, NOW)
        assert (await stored(deliveries)).state is S.PENDING
        assert await deliveries.conclude(second, S.FAILED, NOW, "refused", None)

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
        assert await deliveries.taken("twilio", ["SM1", "SM2"], MessageId("outbound-2")) == {"SM1"}
        assert await deliveries.taken("twilio", ["SM1", "SM2"], MessageId("outbound-1")) == set()

    async def test_an_id_that_another_account_gave_is_not_taken(self, deliveries: Deliveries):
        """Two providers may both count from one, and a sender that means harm may say any id."""
        await deliveries.insert_new(a_delivery(1, lane="pigeon"), a_delivery(2, lane=gathered("twilio")))
        await deliveries.report(MessageId("outbound-1"), S.SENT, NOW, None, "1")
        await deliveries.report(MessageId("outbound-2"), S.SENT, NOW, None, "2")
        assert await deliveries.taken("twilio", ["1", "2"], MessageId("outbound-3")) == {"2"}

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


class TestInMemoryDeliveries(DeliveriesSuite, InMemory): ...


@pytest.mark.real
class TestMongoDeliveries(DeliveriesSuite, OnMongo):
    async def test_an_id_that_many_deliveries_have_is_looked_for_and_not_read(self, deliveries: MongoDeliveries):
        """A sender may give all its letters one id: by a mistake, or to keep another's waiting."""
        letters = [a_delivery(nth, lane="pigeon" if nth < 30 else "twilio") for nth in range(60)]
        await deliveries.insert_new(*letters)
        for each in letters:
            await deliveries.report(each.outbound_id, S.SENT, NOW, None, "1")
        database = deliveries._deliveries.database
        await database.command("profile", 2)
        for lane in ("telegram", "pigeon", "twilio"):
            assert bool(await deliveries.taken(lane, ["1"], MessageId("outbound-0"))) == (lane != "telegram")
        await database.command("profile", 0)
        asked = (
            await database["system.profile"].find({"op": "query", "ns": f"{database.name}.deliveries"}).to_list(None)
        )
        assert len(asked) == 3
        assert max(each["docsExamined"] for each in asked) <= 2


def test_the_event_of_a_state_is_the_same_at_every_call():
    sent = a_delivery(state=S.SENT, reason=None)
    assert changed_event(sent) == changed_event(sent.model_copy(update={"attempts": 9}))
    assert changed_event(sent).event_id != changed_event(sent.model_copy(update={"state": S.DELIVERED})).event_id


def test_nothing_takes_a_withheld_delivery_back():
    assert not [state for state in S if S.WITHHELD in lower_than(state)]
