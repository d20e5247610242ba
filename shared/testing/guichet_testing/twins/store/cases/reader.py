"""Cases in memory, read as strictly as the real ones."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from guichet.case.record import CaseRecord
from guichet.contracts.case_events import CaseState
from guichet.contracts.legal_facts import Day
from guichet.errors import TransientError
from guichet.ids import AgentId, CaseId, Reference, SectorCitizenId
from guichet.rights.scope import Scope
from guichet.store.cases.case_filter import (
    COUNTED_STATES,
    OPEN_STATES,
    OURS_TO_ANSWER,
    CaseFilter,
    DueCount,
    DueList,
    Order,
    Scanned,
    Work,
    cursor_at,
    day_of,
    kinds_of_work,
)
from guichet.store.cases.open_case import OpenCase
from guichet.store.cases.reader import COUNTED_AMONG, COUNTED_UP_TO, OPEN_AT_ONCE, SCANNED_AT_ONCE, CaseReader


class InMemoryCaseReader(CaseReader):
    """Twin of MongoCaseReader. cases: put documents in. away: the store does not answer."""

    def __init__(self, *cases: CaseRecord) -> None:
        self.cases = {case.case_id: case for case in cases}
        self.away = False

    def put(self, case: CaseRecord) -> None:
        """Add or replace a case."""
        self.cases[case.case_id] = case

    async def list_cases(self, scope: Scope, wanted: CaseFilter) -> Sequence[CaseRecord]:
        assert not wanted.is_scanned, "no index answers it"
        found = self._in_order(scope, wanted)
        return found[wanted.skip : wanted.skip + wanted.limit]

    async def scan(self, scope: Scope, wanted: CaseFilter) -> Scanned:
        if wanted.due is not None:
            return self._scan_due(scope, wanted)
        behind = [case for case in self._in_order(scope, wanted.looked_through) if _is_behind(case, wanted)]
        looked_at = behind[:SCANNED_AT_ONCE]
        found = [case for case in looked_at if _matches(case, wanted)]
        shown = found[: wanted.limit]
        if len(found) > len(shown):
            return Scanned(shown, cursor_at(wanted, shown[-1]), looked_at.index(shown[-1]) + 1)
        further = cursor_at(wanted, looked_at[-1]) if len(looked_at) == SCANNED_AT_ONCE else None
        return Scanned(shown, further, len(looked_at))

    def _scan_due(self, scope: Scope, wanted: CaseFilter) -> Scanned:
        is_last_first = wanted.due is DueList.DECIDED
        there = [case for case in self.cases.values() if _is_due(case, wanted)]
        there.sort(key=lambda case: (day_of(wanted, case), case.case_id), reverse=is_last_first)
        at = [cursor_at(wanted, case) for case in there]
        after = None if wanted.after is None else (wanted.after.at, wanted.after.case)
        behind = [
            case
            for case, here in zip(there, at, strict=True)
            if after is None or ((here.at, here.case) < after if is_last_first else (here.at, here.case) > after)
        ]
        looked_at, seen = behind[:SCANNED_AT_ONCE], self._newest_first(scope)
        found = [case for case in looked_at if case in seen and _matches(case, wanted)]
        shown = found[: wanted.limit]
        if len(found) > len(shown):
            return Scanned(shown, cursor_at(wanted, shown[-1]), looked_at.index(shown[-1]) + 1)
        further = cursor_at(wanted, looked_at[-1]) if len(looked_at) == SCANNED_AT_ONCE else None
        return Scanned(shown, further, len(looked_at))

    async def count_due(self, scope: Scope, today: Day) -> DueCount:
        kept = {case.case_id: case.due for case in self.cases.values() if case.due}
        late, now, decided = (
            {case for case, due in kept.items() if is_so(due)}
            for is_so in (
                lambda due: due.due_on is not None and due.due_on < today,
                lambda due: due.due_on == today,
                lambda due: due.decided_on is not None,
            )
        )
        are_all_looked_at = len(late | now) <= COUNTED_AMONG
        return DueCount(
            self._seen(scope, late, COUNTED_STATES) if are_all_looked_at else None,
            self._seen(scope, now, COUNTED_STATES) if are_all_looked_at else None,
            self._seen(scope, decided, OPEN_STATES) if len(decided) <= COUNTED_AMONG else None,
        )

    def _seen(self, scope: Scope, cases: Collection[CaseId], states: Collection[CaseState]) -> int:
        seen = (case for case in self._newest_first(scope) if case.case_id in cases and case.state in states)
        return min(sum(1 for _ in seen), COUNTED_UP_TO)

    def _in_order(self, scope: Scope, wanted: CaseFilter) -> list[CaseRecord]:
        found = [case for case in self._newest_first(scope) if _matches(case, wanted)]
        if wanted.order is Order.WAITING_LONGEST:
            found.reverse()
        if wanted.is_by_activity:
            found.sort(key=lambda case: (case.updated_at, case.case_id), reverse=True)
        return found

    async def count(self, scope: Scope, states: Iterable[CaseState] = COUNTED_STATES) -> dict[CaseState, int]:
        counts, asked = Counter(case.state for case in self._newest_first(scope)), {*states}
        return {state: min(count, COUNTED_UP_TO) for state, count in counts.items() if state in asked}

    async def count_work(self, scope: Scope, mine: tuple[AgentId, ...]) -> Work:
        seen = self._newest_first(scope)
        counts = (sum(_matches(case, each) for case in seen) for each in kinds_of_work(mine))
        return Work(*(min(count, COUNTED_UP_TO) for count in counts))

    async def open_cases(self, scope: Scope) -> Sequence[OpenCase]:
        found = self._in_order(scope, CaseFilter(order=Order.WAITING_LONGEST))[: OPEN_AT_ONCE + 1]
        return [
            OpenCase.model_validate(case.model_dump(by_alias=True, include={*OpenCase.model_fields})) for case in found
        ]

    async def find(self, scope: Scope, case: CaseId) -> CaseRecord | None:
        return next((seen for seen in self._newest_first(scope) if seen.case_id == case), None)

    async def find_by_reference(self, scope: Scope, reference: Reference) -> CaseRecord | None:
        return next((seen for seen in self._newest_first(scope) if seen.reference == reference), None)

    async def find_many(self, scope: Scope, cases: Iterable[CaseId]) -> Sequence[CaseRecord]:
        wanted = set(cases)
        return [seen for seen in self._newest_first(scope) if seen.case_id in wanted]

    async def of_citizen(self, scope: Scope, citizen: SectorCitizenId) -> Sequence[CaseRecord]:
        return [seen for seen in self._newest_first(scope) if seen.citizen == citizen]

    def _newest_first(self, scope: Scope) -> list[CaseRecord]:
        if self.away:
            raise TransientError("the cases are away")
        seen = [case for case in self.cases.values() if scope.covers(case) and not case.erasing]
        return sorted(seen, key=lambda case: (case.received_at, case.case_id), reverse=True)


def _is_due(case: CaseRecord, wanted: CaseFilter) -> bool:
    if case.due is None or wanted.today is None:
        return False
    if wanted.due is DueList.DECIDED:
        return case.due.decided_on is not None
    is_late = case.due.due_on is not None and case.due.due_on < wanted.today
    return case.due.due_on is not None and is_late is (wanted.due is DueList.LATE)


def _matches(case: CaseRecord, wanted: CaseFilter) -> bool:
    if wanted.taken_up_by and wanted.taken_up_by not in case.taken_up_by:
        return False
    if wanted.assigned_to and case.assigned_to not in wanted.assigned_to:
        return False
    if wanted.unassigned and case.assigned_to is not None:
        return False
    if (wanted.unsent and not case.unsent) or (wanted.to_call and case.call_back_at is None):
        return False
    if not _is_of(case, wanted):
        return False
    if wanted.snoozed and case.snoozed_until is None:
        return False
    if wanted.to_answer:
        return case.at_rest is None and case.state in OURS_TO_ANSWER and _is_onwards(case, wanted)
    return case.state in wanted.states and _is_onwards(case, wanted)


def _is_of(case: CaseRecord, wanted: CaseFilter) -> bool:
    if wanted.received_from is not None and case.received_at < wanted.received_from:
        return False
    if wanted.received_before is not None and case.received_at >= wanted.received_before:
        return False
    if wanted.procedures is not None and case.procedure not in wanted.procedures:
        return False
    pairs = (wanted.department, case.department), (wanted.channel, case.channel)
    return all(asked is None or asked == has for asked, has in pairs)


def _is_behind(case: CaseRecord, wanted: CaseFilter) -> bool:
    if wanted.after is None:
        return True
    here, there = ((each.at, each.case) for each in (cursor_at(wanted, case), wanted.after))
    return here > there if wanted.order is Order.WAITING_LONGEST else here < there


def _is_onwards(case: CaseRecord, wanted: CaseFilter) -> bool:
    if wanted.onwards is None:
        return True
    if wanted.order is not Order.WAITING_LONGEST:
        return case.received_at <= wanted.onwards
    return case.received_at >= wanted.onwards
