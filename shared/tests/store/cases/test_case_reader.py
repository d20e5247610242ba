"""One suite for reading cases, on the twin and on the real MongoDB. What is out of scope does not exist."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import combinations, product
from typing import Any

import pytest

from guichet.case.record import CaseDue, CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId, CaseId, DepartmentId, ProcedureId, SectorId
from guichet.mongo.client import Database, connect
from guichet.rights.scope import Grant, Scope
from guichet.runtime.settings import MongoSettings
from guichet.store.cases import reader as store_reader
from guichet.store.cases.case_filter import OPEN_STATES, CaseFilter, DueCount, DueList, Order, Work
from guichet.store.cases.reader import COUNTED_UP_TO, CaseReader, MongoCaseReader
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.twins.store.cases import reader as twin_reader
from guichet_testing.twins.store.cases.reader import InMemoryCaseReader

Put = Callable[[CaseRecord], Awaitable[None]]
STREETS = DepartmentId("voirie"), SectorId("cadre-de-vie")
GREEN = DepartmentId("espaces-verts"), SectorId("cadre-de-vie")
SOCIAL = DepartmentId("ccas"), SectorId("social")


def scope_of(*parts: tuple[DepartmentId, SectorId]) -> Scope:
    departments, sectors = frozenset(part[0] for part in parts), frozenset(part[1] for part in parts)
    return Scope.of_departments(AgentId("lea"), departments, sectors)


def of(part: tuple[DepartmentId, SectorId], **limits: Any) -> Grant:
    department, sector = part
    return Grant(frozenset({department}), frozenset({sector}), **limits)


def later(minutes: int) -> dict[str, object]:
    return {"received_at": ARRIVED + timedelta(minutes=minutes)}


TODAY = ARRIVED.date()
POTHOLE = ProcedureId("nid-de-poule")


def limits_of(case: CaseRecord) -> dict[str, object]:
    return {"received_from": case.received_at, "received_before": case.received_at + timedelta(seconds=1)}


async def of_work(reader: CaseReader, scope: Scope, **asked: Any) -> list[CaseRecord]:
    """Return what is listed in every order alike: by what happened last an index has it, else it is looked for."""
    found = list[list[CaseRecord]]()
    for order in Order:
        wanted = CaseFilter(order=order, **asked)
        cases = (
            (await reader.scan(scope, wanted)).cases if wanted.is_scanned else await reader.list_cases(scope, wanted)
        )
        found.append([*cases])
    assert found[1:] == found[:-1]
    return found[0]


LEA, MAX = AgentId("lea"), AgentId("max")
GRANTS: dict[str, tuple[Grant, ...]] = {
    "none": (),
    "one department": (of(STREETS),),
    "two departments in two grants": (of(STREETS), of(SOCIAL)),
    "twice the same": (of(STREETS), of(STREETS, detail="synthesis")),
    "one procedure": (of(STREETS, procedures=frozenset({POTHOLE})),),
    "what she took down": (of(STREETS, entered_by=frozenset({LEA})),),
    "what members took down, and a procedure elsewhere": (
        of(STREETS, entered_by=frozenset({LEA, MAX})),
        of(SOCIAL, procedures=frozenset({POTHOLE}), entered_by=frozenset({MAX})),
    ),
    "of nobody": (of(STREETS, entered_by=frozenset()),),
}


class CaseReaderSuite:
    async def test_a_case_in_scope_is_found_every_way(self, reader: CaseReader, put: Put):
        case = a_case()
        await put(case)
        mine = scope_of(STREETS)
        assert await reader.find(mine, case.case_id) == case
        assert await reader.find_by_reference(mine, case.reference) == case
        assert await reader.find_many(mine, [case.case_id, CaseId("none")]) == [case]
        assert await reader.of_citizen(mine, case.citizen) == [case]
        assert await reader.list_cases(mine, CaseFilter()) == [case]
        assert await reader.count(mine) == {CaseState.RECEIVED: 1}

    @pytest.mark.parametrize("parts", [(), (GREEN,), (SOCIAL,), (GREEN, SOCIAL)])
    async def test_a_case_out_of_scope_does_not_exist_whatever_way_it_is_asked_for(self, reader, put, parts):
        case = a_case()
        await put(case)
        other = scope_of(*parts)
        assert await reader.find(other, case.case_id) is None
        assert await reader.find_by_reference(other, case.reference) is None
        assert await reader.find_many(other, [case.case_id]) == []
        assert await reader.of_citizen(other, case.citizen) == []
        assert await reader.list_cases(other, CaseFilter(states=tuple(CaseState))) == []
        assert await reader.count(other) == {}

    async def test_a_case_under_erasure_does_not_exist(self, reader: CaseReader, put: Put):
        case = a_case(erasing=True)
        await put(case)
        mine = scope_of(STREETS)
        assert await reader.find(mine, case.case_id) is None
        assert await reader.find_by_reference(mine, case.reference) is None
        assert await reader.find_many(mine, [case.case_id]) == []
        assert await reader.of_citizen(mine, case.citizen) == []
        assert await reader.list_cases(mine, CaseFilter(states=tuple(CaseState))) == []
        assert await reader.count(mine) == {}

    async def test_each_scope_sees_exactly_its_departments(self, reader: CaseReader, put: Put):
        for department, sector in (STREETS, GREEN, SOCIAL):
            await put(a_case(department, department=department, sector=sector))
        for parts in [*combinations((STREETS, GREEN, SOCIAL), 1), *combinations((STREETS, GREEN, SOCIAL), 2)]:
            seen = await reader.list_cases(scope_of(*parts), CaseFilter())
            assert {case.department for case in seen} == {department for department, _ in parts}

    async def test_a_department_of_mine_does_not_open_another_sector(self, reader: CaseReader, put: Put):
        await put(a_case(sector="social"))  # filed before the town moved the department to another sector
        assert await reader.list_cases(scope_of(STREETS), CaseFilter()) == []

    async def test_the_newest_comes_first_or_the_one_that_waits_longest(self, reader: CaseReader, put: Put):
        old, young = a_case("old"), a_case("young", **later(5))
        await put(young)
        await put(old)
        mine = scope_of(STREETS)
        assert await reader.list_cases(mine, CaseFilter()) == [young, old]
        assert await reader.list_cases(mine, CaseFilter(order=Order.WAITING_LONGEST)) == [old, young]

    async def test_that_in_which_something_happened_last_comes_first_among_the_open(self, reader: CaseReader, put: Put):
        old = a_case("old", updated_at=ARRIVED + timedelta(hours=1))
        young = a_case("young", received_at=ARRIVED + timedelta(minutes=5), updated_at=ARRIVED + timedelta(minutes=5))
        ended = a_case("closed", state=CaseState.CLOSED, closed_at=ARRIVED)
        for case in (old, young, ended):
            await put(case)
        mine = scope_of(STREETS)
        assert await reader.list_cases(mine, CaseFilter(order=Order.ACTIVITY)) == [old, young]
        closed = CaseFilter(states=(CaseState.CLOSED,), order=Order.ACTIVITY)
        assert await reader.list_cases(mine, closed) == [ended]

    async def test_a_page_is_a_part_of_the_whole(self, reader: CaseReader, put: Put):
        for minute in range(5):
            await put(a_case(f"case-{minute}", **later(minute)))
        mine = scope_of(STREETS)
        pages = [await reader.list_cases(mine, CaseFilter(skip=skip, limit=2)) for skip in (0, 2, 4)]
        assert [len(page) for page in pages] == [2, 2, 1]
        assert [case for page in pages for case in page] == await reader.list_cases(mine, CaseFilter())

    async def test_states_narrow_the_list_but_not_the_count(self, reader: CaseReader, put: Put):
        closed = a_case("closed", state=CaseState.CLOSED)
        await put(closed)
        await put(a_case("new"))
        mine = scope_of(STREETS)
        assert await reader.list_cases(mine, CaseFilter(states=(CaseState.CLOSED,))) == [closed]
        assert await reader.count(mine) == {CaseState.CLOSED: 1, CaseState.RECEIVED: 1}

    async def test_counting_stops_where_a_list_says_that_there_are_more(self, reader: CaseReader, put: Put):
        for number in range(COUNTED_UP_TO + 20):
            await put(a_case(f"case-{number}", reference=f"2026-7F3K-{number:03}"))
        await put(a_case("closed", state=CaseState.CLOSED))
        assert await reader.count(scope_of(STREETS)) == {CaseState.RECEIVED: COUNTED_UP_TO, CaseState.CLOSED: 1}

    async def test_cases_in_which_an_agent_has_acted(self, reader: CaseReader, put: Put):
        mine = a_case("mine", taken_up_by=(AgentId("lea"),))
        await put(mine)
        await put(a_case("nobody's"))
        assert await reader.list_cases(scope_of(STREETS), CaseFilter(taken_up_by=AgentId("lea"))) == [mine]

    async def test_whose_work_cases_are(self, reader: CaseReader, put: Put):
        hers, his = a_case("hers", assigned_to="lea"), a_case("his", assigned_to="max", **later(1))
        nobodys, closed = a_case("nobody's", **later(2)), a_case("closed", assigned_to="lea", state=CaseState.CLOSED)
        for case in (hers, his, nobodys, closed, a_case("elsewhere", department="ccas", sector="social")):
            await put(case)
        mine = scope_of(STREETS)
        assert await reader.list_cases(mine, CaseFilter(assigned_to=(LEA,))) == [hers]
        assert await reader.list_cases(mine, CaseFilter(assigned_to=(LEA, AgentId("max")))) == [his, hers]
        assert await reader.list_cases(mine, CaseFilter(assigned_to=(LEA,), states=(CaseState.CLOSED,))) == [closed]
        assert await of_work(reader, mine, unassigned=True) == [nobodys]
        assert await of_work(reader, scope_of(), unassigned=True) == []
        assert await reader.count_work(mine, (LEA,)) == Work(mine=1, nobodys=1, to_answer=3)
        assert await reader.count_work(scope_of(SOCIAL), (LEA,)) == Work(mine=0, nobodys=1, to_answer=1)

    async def test_what_waits_for_a_word_and_what_for_a_day(self, reader: CaseReader, put: Put):
        day = {"snoozed_until": ARRIVED + timedelta(days=3), "at_rest": True}
        asked = a_case("asked")
        put_off = a_case("put off", **day, **later(1))
        answered = a_case("answered", state=CaseState.IN_PROGRESS, at_rest=True, **later(2))
        waits = a_case("waits", state=CaseState.WAITING_FOR_CITIZEN, **later(3))
        for case in (asked, put_off, answered, waits, a_case("closed", state=CaseState.CLOSED)):
            await put(case)
        mine = scope_of(STREETS)
        assert await of_work(reader, mine, to_answer=True) == [asked]
        assert await of_work(reader, mine, to_answer=True, states=(CaseState.CLOSED,)) == [asked]
        assert await reader.list_cases(mine, CaseFilter(snoozed=True)) == [put_off]
        assert await reader.list_cases(scope_of(), CaseFilter(snoozed=True)) == []
        assert await reader.count_work(mine, (LEA,)) == Work(mine=0, nobodys=4, to_answer=1, snoozed=1)

    async def test_what_did_not_leave(self, reader: CaseReader, put: Put):
        failed = a_case("failed", reference="2026-VIEW-001", unsent=("receipt-1",), state=CaseState.WAITING_FOR_CITIZEN)
        closed = a_case(
            "closed", reference="2026-VIEW-002", unsent=("receipt-2",), state=CaseState.CLOSED, closed_at=ARRIVED
        )
        for case in (failed, closed, a_case("sent", reference="2026-VIEW-003", **later(1))):
            await put(case)
        mine = scope_of(STREETS)
        for order in Order:
            assert await reader.list_cases(mine, CaseFilter(unsent=True, order=order)) == [failed]
        assert await reader.list_cases(mine, CaseFilter(unsent=True, states=(CaseState.CLOSED,))) == [closed]
        assert (await reader.count_work(mine, (LEA,))).unsent == 1
        assert (await reader.count_work(scope_of(SOCIAL), (LEA,))).unsent == 0

    async def test_who_waits_for_a_call(self, reader: CaseReader, put: Put):
        waits = a_case("waits", reference="2026-CALL-001", call_back_at=ARRIVED)
        for case in (waits, a_case("other", reference="2026-CALL-002", **later(1))):
            await put(case)
        mine = scope_of(STREETS)
        for order in Order:
            assert await reader.list_cases(mine, CaseFilter(to_call=True, order=order)) == [waits]
        assert (await reader.count_work(mine, (LEA,))).to_call == 1

    async def test_what_is_late_or_due_comes_by_its_day_whosever_state_it_is_in(self, reader: CaseReader, put: Put):
        days = {"late": -3, "later": -1, "now": 0, "soon": 2, "far": 40}
        for number, (name, day) in enumerate(days.items()):
            due = CaseDue(clock="are", due_on=TODAY + timedelta(days=day), is_late=day < 0)
            state = CaseState.CLOSED if name == "later" else CaseState.RECEIVED
            await put(a_case(name, reference=f"2026-DAYS-{number:03}", due=due, state=state))
        await put(a_case("none", reference="2026-DAYS-010"))
        await put(
            a_case("theirs", reference="2026-DAYS-011", department="ccas", sector="social", due=CaseDue(due_on=TODAY))
        )
        mine, states = scope_of(STREETS), (*OPEN_STATES, CaseState.CLOSED)
        listed = {
            due: [
                case.reference
                for case in (await reader.scan(mine, CaseFilter(due=due, today=TODAY, states=states))).cases
            ]
            for due in (DueList.LATE, DueList.AHEAD)
        }
        assert listed == {
            DueList.LATE: ["2026-DAYS-000", "2026-DAYS-001"],
            DueList.AHEAD: ["2026-DAYS-002", "2026-DAYS-003", "2026-DAYS-004"],
        }
        (only,) = (await reader.scan(mine, CaseFilter(due=DueList.LATE, today=TODAY))).cases
        assert only.reference == "2026-DAYS-000", "closed ones where they are asked for"
        assert await reader.count_due(mine, TODAY) == DueCount(late=2, today=1, decided=0)
        assert await reader.count_due(Scope(LEA, ()), TODAY) == DueCount(late=0, today=0, decided=0)

    async def test_where_silence_has_decided_the_last_comes_first(self, reader: CaseReader, put: Put):
        for number in range(3):
            due = CaseDue(decided="rejects", decided_on=TODAY - timedelta(days=number))
            await put(a_case(f"d{number}", reference=f"2026-DECI-{number:03}", due=due))
        found = await reader.scan(scope_of(STREETS), CaseFilter(due=DueList.DECIDED, today=TODAY))
        assert [case.reference for case in found.cases] == [f"2026-DECI-{number:03}" for number in range(3)]
        over = CaseDue(decided="rejects", decided_on=TODAY)
        await put(a_case("closed", reference="2026-DECI-003", due=over, state=CaseState.CLOSED))
        assert await reader.count_due(scope_of(STREETS), TODAY) == DueCount(late=0, today=0, decided=3)

    @pytest.mark.parametrize("due", [*DueList])
    async def test_what_is_due_is_looked_for_further_and_further(self, reader, put, due, monkeypatch):
        for where in ("guichet.store.cases.reader", "guichet_testing.twins.store.cases.reader"):
            monkeypatch.setattr(f"{where}.SCANNED_AT_ONCE", 2)
            monkeypatch.setattr(f"{where}.COUNTED_AMONG", 4)
        ahead = -1 if due is DueList.LATE else 1
        for number, day in enumerate((1, 1, 1, 2, 2, 3)):
            at = TODAY + timedelta(days=day * ahead)
            kept = CaseDue(due_on=at, decided_on=at)
            part = dict(zip(("department", "sector"), (STREETS, SOCIAL)[number % 2], strict=True))
            await put(a_case(f"n{number}", _id=f"n{number}", reference=f"2026-MORE-{number:03}", due=kept, **part))
        wanted, found, looks = CaseFilter(due=due, today=TODAY), list[str](), 0
        while wanted is not None:
            scanned, looks = await reader.scan(scope_of(STREETS), wanted), looks + 1
            found += [case.case_id for case in scanned.cases]
            wanted = wanted.model_copy(update={"after": scanned.further}) if scanned.further else None
        in_order = {DueList.LATE: ["n4", "n0", "n2"], DueList.AHEAD: ["n0", "n2", "n4"]}
        assert found == in_order.get(due, ["n4", "n2", "n0"])
        assert looks == 4
        counted = await reader.count_due(scope_of(STREETS), TODAY)
        assert counted == (DueCount() if due is DueList.LATE else DueCount(late=0, today=0))

    async def test_a_list_is_of_a_department_a_procedure_and_a_time_of_receipt(self, reader: CaseReader, put: Put):
        hole = a_case("hole", _id="hole", reference="2026-VIEW-004", procedure=POTHOLE)
        lamp, tree = (
            a_case("lamp", _id="lamp", reference="2026-VIEW-005", **later(1)),
            a_case("tree", _id="tree", reference="2026-VIEW-006", department="espaces-verts", **later(2)),
        )
        for case in (hole, lamp, tree):
            await put(case)
        mine = scope_of(STREETS, GREEN)
        asked = {
            "tree": {"department": GREEN[0]},
            "hole": {"procedures": (POTHOLE,)},
            " hole": {"procedures": (POTHOLE, ProcedureId("other"))},
            "": {"department": GREEN[0], "procedures": (POTHOLE,)},
            "lamp": {"received_from": lamp.received_at, "received_before": tree.received_at},
            "hole lamp": {"received_before": tree.received_at},
        }
        for found, limits in asked.items():
            for order in Order:
                cases = await reader.list_cases(mine, CaseFilter(order=order, **limits))
                assert {case.case_id for case in cases} == {CaseId(each) for each in found.split()}, (limits, order)
        assert await reader.list_cases(scope_of(STREETS), CaseFilter(department=GREEN[0])) == []
        assert await reader.list_cases(scope_of(), CaseFilter(procedures=(POTHOLE,))) == []
        for more in {}, {"assigned_to": (LEA,)}, {"channel": hole.channel}:
            nothing = CaseFilter(procedures=(), **more)
            assert not nothing.is_scanned
            assert await reader.list_cases(mine, nothing) == []

    @pytest.mark.parametrize("order", Order)
    async def test_what_no_index_answers_is_looked_for_further_and_further(self, reader, put, order, monkeypatch):
        monkeypatch.setattr("guichet.store.cases.reader.SCANNED_AT_ONCE", 3)
        monkeypatch.setattr("guichet_testing.twins.store.cases.reader.SCANNED_AT_ONCE", 3)
        for number, minute in enumerate((0, 1, 1, 1, 2, 3, 4, 5)):
            channel, department = ("sms" if number in (1, 3, 7) else "mail"), (STREETS, GREEN)[number % 2][0]
            of_case = {"channel": channel, "department": department, "updated_at": ARRIVED + timedelta(minutes=minute)}
            await put(
                a_case(f"n{number}", _id=f"n{number}", reference=f"2026-SCAN-{number:03}", **of_case, **later(minute))
            )
        await put(
            a_case("hidden", _id="hidden", reference="2026-VIEW-007", channel="sms", department="ccas", sector="social")
        )
        mine = Scope(LEA, (of(STREETS), of(GREEN)))
        wanted, found, looks = CaseFilter(channel="sms", order=order), list[str](), 0
        while wanted is not None:
            scanned, looks = await reader.scan(mine, wanted), looks + 1
            found += [case.case_id for case in scanned.cases]
            wanted = wanted.model_copy(update={"after": scanned.further}) if scanned.further else None
        ordered = ["n1", "n3", "n7"]
        assert found == (ordered if order is Order.WAITING_LONGEST else ordered[::-1])
        assert looks == 3

    async def test_a_look_shows_no_more_than_a_page_and_goes_on_behind_it(self, reader: CaseReader, put: Put):
        for number in range(3):
            await put(
                a_case(
                    f"n{number}", _id=f"n{number}", channel="sms", reference=f"2026-PAGE-{number:03}", **later(number)
                )
            )
        mine, wanted = scope_of(STREETS), CaseFilter(channel="sms", limit=2)
        first = await reader.scan(mine, wanted)
        rest = await reader.scan(mine, wanted.model_copy(update={"after": first.further}))
        assert [case.case_id for case in (*first.cases, *rest.cases)] == ["n2", "n1", "n0"]
        assert (first.further.case, rest.further) == ("n1", None)

    async def test_what_is_nobodys_and_what_waits_by_receipt_is_looked_for_among_all(self, reader, put, monkeypatch):
        monkeypatch.setattr("guichet.store.cases.reader.SCANNED_AT_ONCE", 2)
        monkeypatch.setattr("guichet_testing.twins.store.cases.reader.SCANNED_AT_ONCE", 2)
        for number, taken in enumerate(({}, {"assigned_to": "lea"}, {"at_rest": True}, {})):
            await put(
                a_case(f"n{number}", _id=f"n{number}", reference=f"2026-WORK-{number:03}", **taken, **later(number))
            )
        seen = {}
        for asked in ({"unassigned": True}, {"to_answer": True}):
            wanted = CaseFilter(order=Order.WAITING_LONGEST, **asked)
            first = await reader.scan(scope_of(STREETS), wanted)
            rest = await reader.scan(scope_of(STREETS), wanted.model_copy(update={"after": first.further}))
            seen[*asked] = [[case.case_id for case in part.cases] for part in (first, rest)]
            assert first.looked_at == 2
        assert seen == {("unassigned",): [["n0"], ["n2", "n3"]], ("to_answer",): [["n0", "n1"], ["n3"]]}

    async def test_filters_stand_beside_each_view(self, reader: CaseReader, put: Put):
        hers = a_case("hers", _id="hers", reference="2026-VIEW-008", procedure=POTHOLE, assigned_to="lea")
        await put(hers)
        await put(
            a_case(
                "another",
                _id="another",
                reference="2026-VIEW-009",
                assigned_to="lea",
                department="espaces-verts",
                **later(1),
            )
        )
        await put(
            a_case(
                "his",
                _id="his",
                reference="2026-VIEW-010",
                procedure=POTHOLE,
                assigned_to="max",
                taken_up_by=(LEA,),
                **later(2),
            )
        )
        mine = scope_of(STREETS, GREEN)
        for limits in (
            {"procedures": (POTHOLE,)},
            {"department": STREETS[0]},
            {"channel": hers.channel, **limits_of(hers)},
        ):
            found = await reader.scan(mine, CaseFilter(assigned_to=(LEA,), **limits))
            assert [case.case_id for case in found.cases] == ["hers"], limits
        acted = await reader.scan(mine, CaseFilter(taken_up_by=LEA, procedures=(POTHOLE,)))
        assert [case.case_id for case in acted.cases] == ["his"]
        assert list((await reader.scan(mine, CaseFilter(unassigned=True, procedures=(POTHOLE,)))).cases) == []

    async def test_open_cases_are_told_oldest_first_without_a_word_of_them(self, reader: CaseReader, put: Put):
        young = a_case("young", department=GREEN[0], **later(5))
        old = a_case("old", assigned_to="lea", state=CaseState.IN_PROGRESS, at_rest=True, unsent=("m",))
        closed = a_case("closed", state=CaseState.CLOSED, closed_at=ARRIVED)
        for case in (young, old, closed, a_case("social", department=SOCIAL[0], sector=SOCIAL[1])):
            await put(case)
        await put(a_case("going", erasing=True))
        told = await reader.open_cases(scope_of(STREETS, GREEN))
        assert [each.case_id for each in told] == [old.case_id, young.case_id]
        assert [(each.department, each.assigned_to, each.waits_for_us, each.unsent) for each in told] == [
            ("voirie", "lea", False, ("m",)),
            ("espaces-verts", None, True, ()),
        ]
        assert [each.received_at for each in told] == [old.received_at, young.received_at]
        assert list(await reader.open_cases(scope_of())) == []

    async def test_of_many_open_cases_the_oldest_are_told_and_one_more_where_there_is(
        self, reader: CaseReader, put: Put, monkeypatch
    ):
        for module in (store_reader, twin_reader):
            monkeypatch.setattr(module, "OPEN_AT_ONCE", 1)
        cases = [a_case(f"n{minute}", **later(minute)) for minute in range(3)]
        for case in reversed(cases):
            await put(case)
        assert [each.case_id for each in await reader.open_cases(scope_of(STREETS))] == [
            case.case_id for case in cases[:2]
        ]

    async def test_counting_work_stops_too(self, reader: CaseReader, put: Put):
        for number in range(COUNTED_UP_TO + 5):
            await put(a_case(f"case-{number}", reference=f"2026-7F3K-{number:03}"))
        work = Work(mine=0, nobodys=COUNTED_UP_TO, to_answer=COUNTED_UP_TO)
        assert await reader.count_work(scope_of(STREETS), (LEA,)) == work

    @pytest.mark.parametrize("order", [Order.NEWEST, Order.WAITING_LONGEST])
    @pytest.mark.parametrize("name", ["one department", "two departments in two grants", "one procedure"])
    async def test_a_long_list_is_read_on_from_where_one_stands(self, reader, put, order, name):
        minutes = (0, 1, 1, 1, 2, 3)
        for number, minute in enumerate(minutes):
            await put(a_case(f"n{number}", procedure=POTHOLE, **later(minute)))
        scope = Scope(LEA, GRANTS[name])
        whole = [*await reader.list_cases(scope, CaseFilter(order=order))]
        assert len(whole) == len(minutes)
        for read in range(1, len(whole)):
            stands = whole[read - 1].received_at
            there = sum(case.received_at == stands for case in whole[:read])
            rest = await reader.list_cases(scope, CaseFilter(order=order, onwards=stands, skip=there))
            assert [*rest] == whole[read:]

    @pytest.mark.parametrize("grants", GRANTS.values(), ids=GRANTS)
    async def test_what_is_read_is_what_the_grants_cover_whatever_way_it_is_asked_for(self, reader, put, grants):
        cases = [
            a_case(
                f"{department}-{procedure}-{by}",
                department=department,
                sector=sector,
                procedure=procedure,
                entered_by=by,
            )
            for (department, sector), procedure, by in product((STREETS, SOCIAL), (None, POTHOLE), (None, "lea", "max"))
        ]
        for number, case in enumerate(cases):
            cases[number] = case.model_copy(update={"reference": f"2026-7F3K-{number:03}"})
            await put(cases[number])
        mine = Scope(AgentId("lea"), grants)
        covered = {case.case_id for case in cases if mine.covers(case)}
        assert {case.case_id for case in await reader.list_cases(mine, CaseFilter())} == covered
        assert sum((await reader.count(mine)).values()) == len(covered)
        assert {case.case_id for case in await reader.find_many(mine, [case.case_id for case in cases])} == covered
        of_citizens = [await reader.of_citizen(mine, case.citizen) for case in cases]
        assert {case.case_id for found in of_citizens for case in found} == covered
        for case in cases:
            found = await reader.find(mine, case.case_id), await reader.find_by_reference(mine, case.reference)
            assert found == ((case, case) if case.case_id in covered else (None, None))


class TestInMemoryCaseReader(CaseReaderSuite):
    @pytest.fixture
    def reader(self) -> InMemoryCaseReader:
        return InMemoryCaseReader()

    @pytest.fixture
    def put(self, reader: InMemoryCaseReader) -> Put:
        async def put(case: CaseRecord) -> None:
            reader.put(case)

        return put


@pytest.mark.real
class TestMongoCaseReader(CaseReaderSuite):
    @pytest.fixture
    async def database(self, mongo_server, mongo_database):
        return connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))

    @pytest.fixture
    def reader(self, database) -> CaseReader:
        return MongoCaseReader(database)

    @pytest.fixture
    def put(self, database) -> Put:
        async def put(case: CaseRecord) -> None:
            await database["cases"].insert_one(case.model_dump(by_alias=True))

        return put

    async def test_a_case_of_before_is_nobodys_work(self, reader: CaseReader, database: Database):
        case = a_case()
        new = {"assigned_to", "snoozed_until", "at_rest"}
        before = {name: value for name, value in case.model_dump(by_alias=True).items() if name not in new}
        await database["cases"].insert_one(before)
        assert await of_work(reader, scope_of(STREETS), unassigned=True) == [case]
        assert await of_work(reader, scope_of(STREETS), to_answer=True) == [case]
        assert await reader.count_work(scope_of(STREETS), (LEA,)) == Work(mine=0, nobodys=1, to_answer=1)
