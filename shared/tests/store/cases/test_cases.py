"""One suite for writing cases, on the twin and on the real MongoDB: the commit point of everything the router does."""

from datetime import timedelta

import pytest

from guichet.case.record import CaseDue, CaseRecord, OutboxEntry
from guichet.contracts.case_events import CaseState
from guichet.contracts.legal_facts import LONG_AGO
from guichet.ids import AgentId, CaseId, EventId, Reference
from guichet.law.calendar import paris_date
from guichet.mongo.client import Database
from guichet.store.cases.store import CaseStore, MongoCaseStore
from guichet_testing.builders.case import ARRIVED, a_case, changed
from guichet_testing.twins.store.cases.store import InMemoryCaseStore


def with_event(case: CaseRecord, event: str, **changed: object) -> CaseRecord:
    """Return the case one event later."""
    version = case.version + 1
    entry = OutboxEntry(cause=event, event={"event_id": event, "version": version, "type": "MessageFiled"})
    grown = {"version": version, "outbox": (*case.outbox, entry)}
    return case.model_copy(update=grown | changed)


class CaseStoreSuite:
    async def test_a_new_case_is_found_by_id_and_by_reference(self, cases: CaseStore):
        case = with_event(a_case(), "one")
        assert not (await cases.insert_new([case])).cases
        assert await cases.find_many([case.case_id, CaseId("none")]) == {case.case_id: case}
        assert await cases.find_by_references([case.reference, Reference("x")]) == {case.reference: case}

    async def test_nothing_is_nothing_to_do(self, cases: CaseStore):
        await cases.insert_new([])
        assert await cases.update_if_unchanged([]) == frozenset()
        await cases.pull_published({})

    async def test_who_comes_second_is_told_so_and_changes_nothing(self, cases: CaseStore):
        first, second = a_case(), a_case(account="voirie@mairie.example")
        other = a_case("another")
        await cases.insert_new([first])
        assert (await cases.insert_new([second, other])).cases == {first.case_id}
        assert await cases.find_many([first.case_id, other.case_id]) == {first.case_id: first, other.case_id: other}

    async def test_a_reference_belongs_to_one_case(self, cases: CaseStore):
        await cases.insert_new([a_case("one", reference="2026-AAAA-AAA")])
        taken = await cases.insert_new([a_case("two", reference="2026-AAAA-AAA"), a_case("three")])
        assert taken.references == {a_case("two").case_id}
        assert not taken.cases
        assert set(await cases.find_many([a_case("two").case_id, a_case("three").case_id])) == {a_case("three").case_id}

    async def test_a_change_is_written_whole(self, cases: CaseStore):
        case = with_event(a_case(), "one")
        await cases.insert_new([case])
        after = with_event(case, "two", state=CaseState.IN_PROGRESS, participants=("tag",), deliveries={"m": "sent"})
        assert await cases.update_if_unchanged([changed(case, after)]) == frozenset()
        assert (await cases.find_many([case.case_id]))[case.case_id] == after

    async def test_of_two_changes_to_one_version_the_second_loses(self, cases: CaseStore):
        case, calm = a_case(), a_case("calm")
        await cases.insert_new([case, calm])
        winner, loser = with_event(case, "winner"), with_event(case, "loser")
        assert await cases.update_if_unchanged([changed(case, winner)]) == frozenset()
        lost = await cases.update_if_unchanged([changed(case, loser), changed(calm, with_event(calm, "calm"))])
        assert lost == {case.case_id}
        found = await cases.find_many([case.case_id, calm.case_id])
        assert found[case.case_id] == winner
        assert found[calm.case_id].version == 2

    async def test_a_change_of_a_missing_case_is_lost(self, cases: CaseStore):
        gone = a_case()
        assert await cases.update_if_unchanged([changed(gone, with_event(gone, "one"))]) == {gone.case_id}

    async def test_publishing_empties_the_outbox_of_what_was_published_only(self, cases: CaseStore):
        case = with_event(a_case(), "one")
        await cases.insert_new([case])
        await cases.update_if_unchanged([changed(case, with_event(case, "two"))])
        await cases.pull_published({case.case_id: [EventId("one")]})
        found = (await cases.find_many([case.case_id]))[case.case_id]
        assert [entry.cause for entry in found.outbox] == ["two"]
        assert found.version == 3

    async def test_an_outbox_that_was_pulled_meanwhile_is_no_lost_race(self, cases: CaseStore):
        case = with_event(a_case(), "one")
        await cases.insert_new([case])
        await cases.pull_published({case.case_id: [EventId("one")]})
        assert await cases.update_if_unchanged([changed(case, with_event(case, "two"))]) == frozenset()
        found = (await cases.find_many([case.case_id]))[case.case_id]
        assert [entry.cause for entry in found.outbox] == ["two"]

    async def test_an_agents_cases_are_read_in_pages_whatever_their_state(self, cases: CaseStore):
        states = (CaseState.RECEIVED, CaseState.CLOSED, CaseState.IN_PROGRESS)
        hers = [a_case(f"case-{state}", state=state, assigned_to="lea") for state in states]
        await cases.insert_new([*hers, a_case("his", assigned_to="max"), a_case("nobody's")])
        in_order = sorted(hers, key=lambda case: case.case_id)
        pages = [await cases.assigned_to(AgentId("lea"), skip, 2) for skip in (0, 2, 4)]
        assert pages == [in_order[:2], in_order[2:], []]

    async def test_cases_are_due_once_their_day_has_come_the_first_first(self, cases: CaseStore):
        days = {"tomorrow": 1, "today": 0, "next week": 7}
        stored = {name: a_case(name, snoozed_until=ARRIVED + timedelta(days=number)) for name, number in days.items()}
        await cases.insert_new([*stored.values(), a_case("never")])
        assert await cases.due(ARRIVED - timedelta(seconds=1), 5) == []
        assert await cases.due(ARRIVED, 5) == [stored["today"]]
        assert await cases.due(ARRIVED + timedelta(days=1), 5) == [stored["today"], stored["tomorrow"]]
        assert await cases.due(ARRIVED + timedelta(days=9), 1) == [stored["today"]]

    async def test_clocks_are_reckoned_anew_once_their_day_has_come_the_first_first(self, cases: CaseStore):
        day = paris_date(ARRIVED)
        changes = {"tomorrow": timedelta(days=1), "today": timedelta(0), "of before": LONG_AGO - day}
        dues = {name: CaseDue(clock="are", changes_on=day + off) for name, off in changes.items()}
        stored = {name: a_case(name, due=due) for name, due in dues.items()}
        under_erasure = a_case("erased", due=dues["today"], erasing=True)
        await cases.insert_new([*stored.values(), under_erasure, a_case("no day", due=CaseDue()), a_case("none")])
        assert await cases.to_reckon(day - timedelta(days=1), 5) == [stored["of before"]]
        assert await cases.to_reckon(day, 5) == [stored["of before"], stored["today"]]
        assert await cases.to_reckon(day + timedelta(days=9), 2) == [stored["of before"], stored["today"]]
        assert await cases.passed_over(day, 5) == [stored["today"].case_id], (
            "of one that is being erased nobody is told"
        )

    async def test_a_day_that_nobody_reckoned_is_passed_over_but_not_those_of_before(self, cases: CaseStore):
        day = paris_date(ARRIVED)
        dues = {"today": day, "tomorrow": day + timedelta(days=1), "of before": LONG_AGO}
        stored = {name: a_case(name, due=CaseDue(changes_on=on)) for name, on in dues.items()}
        await cases.insert_new([*stored.values()])
        both = [stored["today"].case_id, stored["tomorrow"].case_id]
        assert await cases.passed_over(day + timedelta(days=1), 5) == both
        assert await cases.passed_over(day + timedelta(days=1), 1) == both[:1]
        assert await cases.passed_over(day - timedelta(days=1), 5) == []

    async def test_what_nobody_published_is_found_again_oldest_first(self, cases: CaseStore):
        minutes = {"new": 9, "newer": 10, "newest": 11, "done": 1}
        stored = {
            name: with_event(a_case(name), name, updated_at=ARRIVED + timedelta(minutes=minute))
            for name, minute in minutes.items()
        }
        await cases.insert_new([*stored.values()])
        await cases.pull_published({stored["done"].case_id: [EventId("done")]})
        found = await cases.unfinished(ARRIVED + timedelta(minutes=11), 5)
        assert found == [stored["new"].case_id, stored["newer"].case_id]
        assert await cases.unfinished(ARRIVED + timedelta(minutes=11), 1) == found[:1]
        assert await cases.unfinished(ARRIVED + timedelta(minutes=11), 1, besides=found[:1]) == found[1:]


class TestInMemoryCaseStore(CaseStoreSuite):
    @pytest.fixture
    def cases(self) -> CaseStore:
        return InMemoryCaseStore()


@pytest.mark.real
class TestMongoCaseStore(CaseStoreSuite):
    @pytest.fixture
    def cases(self, database: Database) -> CaseStore:
        return MongoCaseStore(database)

    async def test_the_sweeper_reads_an_index_that_holds_full_outboxes_only(self, cases: MongoCaseStore):
        await cases.insert_new([a_case("empty"), with_event(a_case("full"), "one")])
        query = {"updated_at": {"$lt": ARRIVED + timedelta(days=1)}, "outbox.0": {"$exists": True}}
        plan = await cases._cases.find(query).sort("updated_at", 1).explain()
        assert "with_unpublished_events" in str(plan["queryPlanner"]["winningPlan"])
        assert plan["executionStats"]["totalKeysExamined"] == 1

    async def test_a_new_case_rests_as_what_it_says_and_what_indexes_ask_for_comes_first(self, cases: MongoCaseStore):
        case = with_event(a_case(), "one")
        await cases.insert_new([case])
        resting = await cases._cases.find_one({"_id": case.case_id})
        assert resting is not None
        assert CaseRecord.model_validate(resting) == case
        assert [*resting][:6] == ["_id", "state", "sector", "department", "received_at", "updated_at"]
        unsaid = {name for name, value in resting.items() if value in (None, False, [], {})}
        assert unsaid == {"closed_at", "erasing"}, "they are asked of every case"
