"""One suite for destroying cases, on the twins and on the real MongoDB."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from guichet.case.history import HistoryEntry
from guichet.case.record import CaseRecord, DestroyedCase, OutboxEntry
from guichet.clock import SystemClock
from guichet.contracts.case_events import CaseDestroyed, CaseState
from guichet.contracts.legal_facts import StatedFact
from guichet.contracts.topics import CASE_EVENTS
from guichet.ids import CaseId, EventId
from guichet.mongo.client import Database
from guichet.privacy.coarse_times import day_of
from guichet.store.cases.erase import CaseErasing, MongoCaseErasing, OwedCase
from guichet.store.cases.history import CaseHistory, MongoCaseHistory
from guichet.store.cases.store import CaseStore, MongoCaseStore
from guichet.store.setup.schema import prepare
from guichet_testing.builders.case import ARRIVED, a_case, changed
from guichet_testing.twins.store.cases.store import InMemoryCaseStore

LATER = ARRIVED + timedelta(days=1)
THREAT = StatedFact.model_validate({"event": "qualified", "at": ARRIVED, "nature": "threatening"})


def _values(node: Any) -> Iterator[Any]:
    if isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _values(inner)
    else:
        yield node


class Faces(NamedTuple):
    """The router's and the erasure's way to the same cases."""

    cases: CaseStore
    history: CaseHistory
    erasing: CaseErasing


def one_event_later(case: CaseRecord) -> CaseRecord:
    version = case.version + 1
    more = OutboxEntry(cause="more", event={"event_id": "more", "version": version, "type": "MessageFiled"})
    return case.model_copy(update={"version": version, "outbox": (*case.outbox, more)})


async def destroyed_cases(faces: Faces, *names: str) -> list[CaseId]:
    cases = [a_case(name) for name in names]
    await faces.cases.insert_new(cases)
    ids = [case.case_id for case in cases]
    await faces.erasing.destroy(ids, LATER)
    return ids


class CaseErasingSuite:
    async def test_a_case_set_aside_is_there_and_not_written_to(self, faces: Faces):
        case, other = a_case(), a_case("other")
        await faces.cases.insert_new([case, other])
        for _ in range(2):
            await faces.erasing.mark_erasing([case.case_id, CaseId("none")])
        found = await faces.cases.find_many([case.case_id, other.case_id])
        assert found == {case.case_id: case.model_copy(update={"erasing": True}), other.case_id: other}
        changes = [changed(each, one_event_later(each)) for each in (case, other)]
        assert await faces.cases.update_if_unchanged(changes) == {case.case_id}
        assert (await faces.cases.find_many([case.case_id]))[case.case_id].version == case.version

    async def test_a_released_case_is_written_to_again_and_a_destroyed_one_stays_so(self, faces: Faces):
        [gone] = await destroyed_cases(faces, "gone")
        case = a_case()
        await faces.cases.insert_new([case])
        await faces.erasing.mark_erasing([case.case_id])
        for _ in range(2):
            await faces.erasing.release([case.case_id, gone, CaseId("none")])
        assert await faces.cases.find_many([case.case_id, gone]) == {case.case_id: case}
        assert await faces.cases.update_if_unchanged([changed(case, one_event_later(case))]) == frozenset()
        assert await faces.cases.erased([case.case_id, gone]) == {gone}

    async def test_its_reference_leads_nowhere(self, faces: Faces):
        await faces.cases.insert_new([a_case()])
        await faces.erasing.mark_erasing([a_case().case_id])
        assert await faces.cases.find_by_references([a_case().reference]) == {}

    async def test_a_destroyed_case_does_not_exist_and_is_not_made_again(self, faces: Faces):
        [case_id] = await destroyed_cases(faces, "case-1")
        assert await faces.cases.find_many([case_id]) == {}
        assert await faces.cases.find_by_references([a_case("case-1").reference]) == {}
        assert (await faces.cases.insert_new([a_case("case-1")])).cases == {case_id}
        change = changed(a_case("case-1"), one_event_later(a_case("case-1")))
        assert await faces.cases.update_if_unchanged([change]) == {case_id}
        assert await faces.cases.find_many([case_id]) == {}

    async def test_several_can_be_destroyed_and_none_holds_a_reference_any_more(self, faces: Faces):
        await destroyed_cases(faces, "one", "two", "three")
        taken = await faces.cases.insert_new([a_case("four", reference=a_case("one").reference)])
        assert not taken.cases | taken.references

    async def test_who_is_erased_is_told_whether_marked_or_destroyed(self, faces: Faces):
        [gone] = await destroyed_cases(faces, "gone")
        marked, living = a_case("marked"), a_case("living")
        await faces.cases.insert_new([marked, living])
        await faces.erasing.mark_erasing([marked.case_id])
        asked = [gone, marked.case_id, living.case_id, CaseId("unknown")]
        assert await faces.cases.erased(asked) == {gone, marked.case_id}
        assert await faces.cases.erased([]) == frozenset()

    async def test_a_tombstone_bears_one_event_and_nobody(self, faces: Faces):
        [case_id] = await destroyed_cases(faces, "case-1")
        [tombstone] = await faces.erasing.unpublished(10)
        [entry] = tombstone.outbox
        assert tombstone == DestroyedCase(_id=case_id, version=2, destroyed_at=day_of(LATER), outbox=(entry,))
        event = CASE_EVENTS.events.validate_python(entry.event)
        assert isinstance(event, CaseDestroyed)
        assert (event.case_id, event.version, event.occurred_at, event.citizen) == (case_id, 2, day_of(LATER), None)
        assert (event.from_state, event.department) == (CaseState.RECEIVED, a_case("case-1").department)

    async def test_what_goes_at_once_leaves_nothing_that_is_the_same_but_the_day(self, faces: Faces):
        await destroyed_cases(faces, "one", "two")
        one, two = await faces.erasing.unpublished(10)
        both = {*_values(one.model_dump(mode="json"))} & {*_values(two.model_dump(mode="json"))}
        day = day_of(LATER).isoformat().replace("+00:00", "Z")
        alike = {"destroyed", "CaseDestroyed", "received", a_case("one").sector, a_case("one").department, day}
        assert {value for value in both if isinstance(value, str)} == alike

    async def test_destroying_again_changes_nothing(self, faces: Faces):
        ids = await destroyed_cases(faces, "one", "two")
        before = await faces.erasing.unpublished(10)
        await faces.erasing.destroy([*ids, CaseId("none")], LATER + timedelta(days=1))
        await faces.erasing.mark_erasing(ids)
        assert await faces.erasing.unpublished(10) == before
        assert len({entry.event["event_id"] for case in before for entry in case.outbox}) == 2

    async def test_a_published_tombstone_is_bare(self, faces: Faces):
        ids = await destroyed_cases(faces, "one", "two")
        await faces.erasing.mark_published(ids[:1])
        assert [case.case_id for case in await faces.erasing.unpublished(10)] == ids[1:]
        assert len(await faces.erasing.unpublished(1)) == 1
        await faces.erasing.destroy(ids, LATER)
        assert [case.case_id for case in await faces.erasing.unpublished(10)] == ids[1:]

    async def test_the_sweeper_of_living_cases_leaves_tombstones_alone(self, faces: Faces):
        await destroyed_cases(faces, "one")
        assert await faces.cases.unfinished(LATER + timedelta(days=9), 10) == []

    async def test_a_destroyed_case_has_no_history_not_even_what_was_copied_late(self, faces: Faces):
        [gone], kept = await destroyed_cases(faces, "gone"), a_case("kept").case_id
        late = [
            HistoryEntry(case_id=case, version=1, type="CaseOpened", at=ARRIVED, cause=case) for case in (gone, kept)
        ]
        await faces.history.add(late)
        await faces.erasing.mark_published([gone])
        assert [each.case_id for each in await faces.history.moves([gone, kept])] == [kept]
        await faces.erasing.destroy([kept], LATER)
        assert await faces.history.moves([gone, kept]) == []

    async def test_who_publishes_late_is_told_of_what_was_destroyed_and_forgets_it(self, faces: Faces):
        [gone], kept = await destroyed_cases(faces, "gone"), a_case("kept")
        await faces.cases.insert_new([kept])
        both = {gone: [EventId("one")], kept.case_id: [EventId("two")]}
        assert await faces.cases.pull_published({kept.case_id: []}) == frozenset()
        assert await faces.cases.pull_published(both) == {gone}
        assert len(await faces.erasing.unpublished(10)) == 1
        late = [HistoryEntry(case_id=case, version=1, type="CaseOpened", at=ARRIVED, cause=case) for case in both]
        await faces.history.add(late)
        await faces.history.forget([gone])
        assert [each.case_id for each in await faces.history.moves([*both])] == [kept.case_id]

    async def test_what_owes_its_erasure_is_worked_on_until_it_is_destroyed(self, faces: Faces):
        spared, other = a_case(facts=(THREAT,)), a_case("other")
        await faces.cases.insert_new([spared, other])
        for _ in range(2):
            await faces.erasing.owe_erasure([spared.case_id, CaseId("none")])
        assert await faces.erasing.owed() == [spared.case_id]
        assert await faces.erasing.read_owed(other.case_id) is None
        assert await faces.erasing.read_owed(spared.case_id) == OwedCase(spared.case_id, spared.version, (THREAT,))
        assert await faces.cases.update_if_unchanged([changed(spared, one_event_later(spared))]) == frozenset()
        now = await faces.erasing.read_owed(spared.case_id)
        assert now == OwedCase(spared.case_id, spared.version + 1, (THREAT,))
        await faces.erasing.destroy([spared.case_id], LATER)
        await faces.erasing.owe_erasure([spared.case_id])
        assert await faces.erasing.owed() == []
        assert await faces.erasing.read_owed(spared.case_id) is None

    async def test_what_owes_its_erasure_is_set_aside_as_it_was_read_or_not_at_all(self, faces: Faces):
        [gone], spared, other = await destroyed_cases(faces, "gone"), a_case(facts=(THREAT,)), a_case("other")
        await faces.cases.insert_new([spared, other])
        await faces.erasing.owe_erasure([spared.case_id])
        read = await faces.erasing.read_owed(spared.case_id)
        assert read is not None
        now = changed(spared, one_event_later(spared))
        assert await faces.cases.update_if_unchanged([now]) == frozenset()
        for passed_over in (read, OwedCase(other.case_id, other.version, ()), OwedCase(gone, 2, ())):
            assert not await faces.erasing.set_aside_owed(passed_over)
        assert await faces.cases.erased([spared.case_id, other.case_id]) == frozenset()
        again = await faces.erasing.read_owed(spared.case_id)
        assert again is not None
        for _ in range(2):
            assert await faces.erasing.set_aside_owed(again)
        assert await faces.cases.erased([spared.case_id, other.case_id]) == {spared.case_id}
        await faces.cases.update_if_unchanged([changed(now.record, one_event_later(now.record))])
        assert await faces.erasing.read_owed(spared.case_id) == again

    async def test_nothing_is_nothing_to_do(self, faces: Faces):
        await faces.erasing.mark_erasing([])
        await faces.erasing.owe_erasure([])
        await faces.erasing.destroy([], LATER)
        await faces.erasing.mark_published([])


class TestInMemoryCaseErasing(CaseErasingSuite):
    @pytest.fixture
    def faces(self) -> Faces:
        cases = InMemoryCaseStore()
        return Faces(cases, cases.history, cases)


@pytest.mark.real
class TestMongoCaseErasing(CaseErasingSuite):
    @pytest.fixture
    def faces(self, database: Database) -> Faces:
        return Faces(MongoCaseStore(database), MongoCaseHistory(database), MongoCaseErasing(database))

    async def test_nothing_else_is_left_of_the_document(self, faces: Faces, database: Database):
        [case_id] = await destroyed_cases(faces, "case-1")
        await faces.erasing.mark_published([case_id])
        left = await database["cases"].find_one({"_id": case_id})
        assert left == {
            "_id": case_id,
            "version": 2,
            "state": "destroyed",
            "erasing": True,
            "destroyed_at": day_of(LATER),
        }

    async def test_asking_who_is_erased_reads_an_index_of_the_erased_alone(self, faces: Faces, database: Database):
        await faces.cases.insert_new([a_case(str(number)) for number in range(50)])
        wanted = {"erasing": True, "_id": {"$in": [a_case(str(number)).case_id for number in range(50)]}}
        plan = await database["cases"].find(wanted, {"_id": 1}).explain()
        assert plan["executionStats"]["totalDocsExamined"] == 0
        assert plan["executionStats"]["totalKeysExamined"] <= 1

    async def test_an_index_of_earlier_days_goes(self, database: Database):
        await database["cases"].create_index([("reference", 1)], name="by_reference", unique=True)
        await prepare(database, clock=SystemClock().now)
        assert "by_reference" not in await database["cases"].index_information()
