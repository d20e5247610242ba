"""One suite for what is watched and decided of deliveries, on the twins and on the real MongoDB."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from guichet.contracts.delivery import DeliveryState, Purpose
from guichet.ids import CaseId, EventId, MessageId
from guichet.mongo.client import Database, connect
from guichet.runtime.settings import MongoSettings
from guichet.store.deliveries.decisions import DeliveryDecisions, MongoDeliveryDecisions
from guichet.store.deliveries.document import DeliveryDocument
from guichet.store.deliveries.store import COLLECTION, INDEXES, NOT_LEFT_YET, Deliveries, MongoDeliveries
from guichet.store.deliveries.watched import MongoWatchedDeliveries, Watched, WatchedDeliveries
from guichet_testing.twins.store.deliveries.store import InMemoryDeliveries
from guichet_testing.twins.store.deliveries.watched import InMemoryDeliveryDecisions, InMemoryWatchedDeliveries

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
HOLD = timedelta(minutes=2)
S = DeliveryState


def a_delivery(nth: int = 1, **changes: object) -> DeliveryDocument:
    values: dict[str, object] = {
        "_id": MessageId(f"outbound-{nth:05}"),
        "case_id": CaseId(f"case-{nth}"),
        "purpose": Purpose.AEE,
        "channel": "email",
        "lane": "mail",
        "account": "contact@mairie.example",
        "answers": MessageId("message-1"),
        "requested_at": NOW,
        "due_at": NOW,
        "changed_at": NOW,
        "overdue_at": TOMORROW,
    }
    return DeliveryDocument.model_validate({**values, **changes})


@dataclass
class Store:
    deliveries: Deliveries
    watched: WatchedDeliveries
    decisions: DeliveryDecisions

    async def overdue(self, limit: int = 100) -> list[str]:
        return [each.case_id for each in await self.watched.overdue(TOMORROW, None, limit) if each.is_owed]

    async def leave_undecided(self, nth: int, at: datetime = NOW) -> None:
        await self.deliveries.insert_new(a_delivery(nth))
        held = await self.deliveries.claim("mail", f"sender-{nth}", NOW, HOLD, 1)
        assert await self.deliveries.begin(held, NOW, HOLD)
        await self.deliveries.leave_undecided(held, at, "timed-out")

    async def stored(self, nth: int = 1) -> DeliveryDocument:
        [found] = await self.deliveries.of_case(CaseId(f"case-{nth}"))
        return found


async def walked(page: int, store: Store) -> list[Watched]:
    """Return everything that is overdue, page by page."""
    seen: list[Watched] = []
    while found := await store.watched.overdue(TOMORROW, seen[-1].position if seen else None, page):
        assert len(found) <= page
        seen += found
    return seen


class WatchedSuite:
    async def test_only_legal_receipts_past_their_day_are_overdue(self, store: Store):
        await store.deliveries.insert_new(
            a_delivery(1),
            a_delivery(2, overdue_at=None),
            a_delivery(3, purpose=Purpose.REPLY),
            a_delivery(4, state=S.SENT),
            a_delivery(5, overdue_at=NOW + timedelta(days=2)),
        )
        assert await store.overdue() == ["case-1"]

    @pytest.mark.parametrize(("state", "is_late"), [(state, state in (S.PENDING, S.UNKNOWN, S.FAILED)) for state in S])
    async def test_a_receipt_that_did_not_leave_is_overdue_even_when_nobody_tries_any_more(
        self, store: Store, state: S, is_late: bool
    ):
        await store.deliveries.insert_new(a_delivery(state=state))
        assert bool(await store.overdue()) == is_late

    @pytest.mark.parametrize(("state", "settles"), [(state, state in (S.SENT, S.DELIVERED, S.READ)) for state in S])
    async def test_an_answer_that_left_stands_for_the_receipt_of_its_case(self, store: Store, state: S, settles: bool):
        reply = {"purpose": Purpose.REPLY, "overdue_at": None, "case_id": CaseId("case-1")}
        await store.deliveries.insert_new(a_delivery(1, state=S.FAILED), a_delivery(2, **reply, state=state))
        assert await store.overdue() == ([] if settles else ["case-1"])

    @pytest.mark.parametrize("purpose", [Purpose.AEE, Purpose.ARE])
    async def test_either_receipt_of_the_law_is_overdue(self, store: Store, purpose: Purpose):
        await store.deliveries.insert_new(a_delivery(1, purpose=purpose))
        assert await store.overdue() == ["case-1"]

    @pytest.mark.parametrize(
        ("state", "other", "asked_for", "settles"),
        [
            (S.FAILED, Purpose.REPLY, timedelta(days=-3), False),  # it was written before the receipt was owed
            (S.FAILED, Purpose.REPLY, timedelta(hours=1), True),
            (S.PENDING, Purpose.REPLY, timedelta(hours=1), False),  # it leaves yet, and an answer has not its mentions
            (S.PENDING, Purpose.ARE, timedelta(hours=1), True),  # which replaces it
            (S.FAILED, Purpose.ARE, timedelta(days=-3), False),
            (S.FAILED, Purpose.AEE, timedelta(hours=1), False),
        ],
    )
    async def test_what_stands_for_an_acknowledgement_says_as_much_and_came_later(
        self, store: Store, state: S, other: Purpose, asked_for: timedelta, settles: bool
    ):
        left = {"purpose": other, "case_id": CaseId("case-1"), "state": S.SENT, "requested_at": NOW + asked_for}
        await store.deliveries.insert_new(a_delivery(1, purpose=Purpose.ARE, state=state), a_delivery(2, **left))
        assert await store.overdue() == ([] if settles else ["case-1"])

    async def test_an_acknowledgement_that_left_stands_for_the_registration_receipt(self, store: Store):
        left = {"purpose": Purpose.ARE, "case_id": CaseId("case-1"), "state": S.SENT}
        await store.deliveries.insert_new(a_delivery(1, state=S.FAILED), a_delivery(2, **left))
        assert await store.overdue() == []

    async def test_pages_show_each_once_the_newest_first_though_many_are_due_at_one_moment(self, store: Store):
        many = [a_delivery(nth, overdue_at=NOW + timedelta(hours=nth % 3)) for nth in range(25)]
        await store.deliveries.insert_new(*many)
        seen = await walked(4, store)
        assert len({each.case_id for each in seen}) == len(seen) == 25
        assert [each.position for each in seen] == sorted((each.position for each in seen), reverse=True)

    async def test_a_place_whose_delivery_is_gone_still_leads_on(self, store: Store):
        await store.deliveries.insert_new(*(a_delivery(nth) for nth in range(5)))
        [first] = await store.watched.overdue(TOMORROW, None, 1)
        await store.deliveries.report(first.position.outbound_id, S.SENT, NOW, None, "SM1")
        assert len(await store.watched.overdue(TOMORROW, first.position, 9)) == 4

    async def test_the_undecided_are_shown_newest_first(self, store: Store):
        for nth in range(3):
            await store.leave_undecided(nth, NOW + timedelta(minutes=nth))
        first = await store.watched.undecided(None, 2)
        assert [each.case_id for each in first] == ["case-2", "case-1"]
        assert [each.case_id for each in await store.watched.undecided(first[-1].position, 2)] == ["case-0"]

    async def test_what_an_agent_says_the_citizen_has_is_delivered(self, store: Store):
        await store.leave_undecided(1)
        decided = await store.decisions.received(MessageId("outbound-00001"), EventId("decision-1"), TOMORROW)
        assert decided == await store.stored()
        assert (decided.state, decided.reason, decided.unpublished) == (S.DELIVERED, "agent-confirmed", True)
        assert await store.watched.undecided(None, 9) == []

    async def test_what_an_agent_sends_again_is_due_as_if_never_tried_and_once_however_often_it_is_told(
        self, store: Store
    ):
        await store.leave_undecided(1)
        again = await store.decisions.send_again(MessageId("outbound-00001"), EventId("decision-1"), TOMORROW)
        assert again == await store.stored()
        assert (again.state, again.copies, again.attempts, again.unsettled_since) == (S.PENDING, 0, 0, None)
        held = await store.deliveries.claim("mail", "sender-2", TOMORROW, HOLD, 1)
        await store.deliveries.begin(held, TOMORROW, HOLD)
        await store.deliveries.leave_undecided(held, TOMORROW, "timed-out")
        assert await store.decisions.send_again(MessageId("outbound-00001"), EventId("decision-1"), TOMORROW) is None
        assert await store.decisions.send_again(MessageId("outbound-00001"), EventId("decision-2"), TOMORROW)

    async def test_nothing_is_decided_of_what_is_not_undecided(self, store: Store):
        await store.deliveries.insert_new(a_delivery(1))
        assert await store.decisions.received(MessageId("outbound-00001"), EventId("decision-1"), NOW) is None
        assert await store.decisions.send_again(MessageId("nobody"), EventId("decision-1"), NOW) is None

    async def test_an_answer_on_paper_is_posted_once_and_nothing_else_is(self, store: Store):
        on_paper = {"state": S.WITHHELD, "reason": "not-electronic"}
        await store.deliveries.insert_new(
            a_delivery(1, purpose=Purpose.REPLY, **on_paper),
            a_delivery(2, purpose=Purpose.AEE, **on_paper),
            a_delivery(3, purpose=Purpose.REPLY, state=S.WITHHELD, reason="erased"),
            a_delivery(4, purpose=Purpose.REPLY),
        )
        said = [
            await store.decisions.posted(MessageId(f"outbound-0000{nth}"), EventId("decision-1"), TOMORROW)
            for nth in (1, 1, 2, 3, 4)
        ]
        assert said == [await store.stored(), None, None, None, None]
        posted = await store.stored()
        assert (posted.state, posted.reason, posted.changed_at, posted.unpublished) == (S.SENT, None, TOMORROW, True)


class TestInMemoryWatchedDeliveries(WatchedSuite):
    @pytest.fixture
    def store(self) -> Store:
        deliveries = InMemoryDeliveries()
        return Store(deliveries, InMemoryWatchedDeliveries(deliveries), InMemoryDeliveryDecisions(deliveries))


@pytest.mark.real
class TestMongoWatchedDeliveries(WatchedSuite):
    @pytest.fixture
    async def database(self, mongo_server, mongo_database) -> Database:
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        for name, indexes in INDEXES.items():
            await database[name].create_indexes(indexes)
        return database

    @pytest.fixture
    def store(self, database: Database) -> Store:
        return Store(MongoDeliveries(database), MongoWatchedDeliveries(database), MongoDeliveryDecisions(database))

    async def test_a_look_examines_a_page_however_many_receipts_there_are(self, store: Store, database: Database):
        await store.deliveries.insert_new(
            *(a_delivery(nth, state=S.FAILED if nth % 2 else S.SENT) for nth in range(2000))
        )
        await database.command("profile", 2)
        after = (await store.watched.overdue(TOMORROW, None, 100))[-1].position
        await store.watched.overdue(TOMORROW, after, 100)
        await database.command("profile", 0)
        looks = await database["system.profile"].find({"op": "query", "ns": {"$regex": COLLECTION}}).to_list(None)
        assert len(looks) == 2
        for look in looks:
            assert NOT_LEFT_YET in str(look["execStats"])
            assert look["keysExamined"] <= 102, "the look grew with the number of failed receipts"
            assert not look.get("hasSortStage"), "a page was sorted in memory"
