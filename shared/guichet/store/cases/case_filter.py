"""What of a scope a list of cases is asked for, and where in its order one stands. Values alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any, Final

from pydantic import AwareDatetime, Field

from guichet.case.record import CaseRecord
from guichet.contracts.base import Contract
from guichet.contracts.case_events import CaseState
from guichet.contracts.inbound import ChannelName
from guichet.contracts.legal_facts import Day
from guichet.ids import AgentId, CaseId, DepartmentId, ProcedureId

OPEN_STATES = (CaseState.RECEIVED, CaseState.IN_PROGRESS, CaseState.WAITING_FOR_CITIZEN)
OURS_TO_ANSWER: Final = (CaseState.RECEIVED, CaseState.IN_PROGRESS)
COUNTED_STATES: Final = (*OPEN_STATES, CaseState.CLOSED)


class Order(StrEnum):
    """Which case comes first."""

    NEWEST = "newest"
    WAITING_LONGEST = "waiting-longest"
    ACTIVITY = "activity"
    """In which something happened last. Of open states only: a list that asks for another, or for a time of receipt, is
    by receipt."""


class DueList(StrEnum):
    """Of what is late, or due from today on, the first day comes first; where silence has decided, the last one."""

    LATE = "late"
    AHEAD = "ahead"
    DECIDED = "decided"


class ListCursor(Contract):
    """Where a case stands in a list, for who goes on behind it.

    at: when it was received, or something happened last, as the list's order is; a day is its midnight in UTC.
    """

    at: AwareDatetime
    case: CaseId


class CaseFilter(Contract):
    """What of a scope is asked for. taken_up_by: cases in which this agent has acted.

    assigned_to: cases that are the work of one of these.

    unassigned: cases that are nobody's work. snoozed: that were put off until a day. to_answer: that wait for a word of
    ours, received or in progress whatever `states` says. unsent: with a message of ours that did not leave.
    to_call: in which somebody is to be called back. procedures: of one of these; None: of any, or none.

    due: of which clocks of the law, as of today, a day in Paris.

    received_from, received_before: when it was received, in law.

    onwards: from those received at that time on, in the order asked for: how who reads all of a long list goes on.
    after: behind that cursor, for who looks further (`CaseReader.scan`).
    """

    states: tuple[CaseState, ...] = OPEN_STATES
    taken_up_by: AgentId | None = None
    assigned_to: tuple[AgentId, ...] = ()
    unassigned: bool = False
    snoozed: bool = False
    to_answer: bool = False
    unsent: bool = False
    to_call: bool = False
    due: DueList | None = None
    today: Day | None = None
    department: DepartmentId | None = None
    procedures: tuple[ProcedureId, ...] | None = None
    channel: ChannelName | None = None
    received_from: AwareDatetime | None = None
    received_before: AwareDatetime | None = None
    order: Order = Order.NEWEST
    onwards: AwareDatetime | None = None
    after: ListCursor | None = None
    skip: int = Field(default=0, ge=0)
    limit: int = Field(default=50, ge=1, le=200)

    @property
    def is_by_activity(self) -> bool:
        """Whether it is in the order of what happened last."""
        open_ones = self.to_answer or set(self.states) <= set(OPEN_STATES)
        by_receipt = (self.onwards, self.received_from, self.received_before) != (None, None, None)
        return self.due is None and self.order is Order.ACTIVITY and open_ones and not by_receipt

    @property
    def asks_about_work(self) -> bool:
        """Whether what is listed tells whose work a case is."""
        work = self.unassigned, self.snoozed, self.to_answer, self.unsent, self.to_call, self.due is not None
        return bool(self.assigned_to) or any(work)

    @property
    def asks_beyond_synthesis(self) -> bool:
        """Whether what is listed tells what a synthesis does not."""
        return self.asks_about_work or self.channel is not None

    @property
    def is_anybodys_own(self) -> bool:
        """Whether it is what some agents work on, or have acted in, whichever department's that is."""
        return bool(self.assigned_to) or self.taken_up_by is not None

    @property
    def is_of_work_by_receipt(self) -> bool:
        """Whether it is what nobody works on, or what waits for a word of ours, and not by what happened last.

        Of that there is no index: each new case is both, and would pay for it.
        """
        return (self.unassigned or self.to_answer) and not self.is_by_activity

    @property
    def looked_through(self) -> "CaseFilter":
        """The list of which each case is looked at, where no index answers what is asked for."""
        others: dict[str, Any] = {"channel": None, "procedures": None, "department": None}
        if self.is_of_work_by_receipt:
            others |= {"unassigned": False, "to_answer": False}
            others |= {"states": OURS_TO_ANSWER} if self.to_answer else {}
        return self.model_copy(update=others)

    @property
    def is_scanned(self) -> bool:
        """Whether no index answers it, so that who asks looks at one case after the other (`CaseReader.scan`).

        What is asked of no procedure is nothing, without a look.
        """
        if self.procedures == ():
            return False
        in_its_own = self.asks_about_work or self.is_anybodys_own
        return (
            self.due is not None
            or self.channel is not None
            or self.is_of_work_by_receipt
            or (self.procedures is not None and in_its_own)
            or (self.department is not None and self.is_anybodys_own)
        )


def cursor_at(wanted: CaseFilter, case: CaseRecord) -> ListCursor:
    """Return where a case stands in a list."""
    if wanted.due is not None:
        return ListCursor(at=midnight(day_of(wanted, case)), case=case.case_id)
    return ListCursor(at=case.updated_at if wanted.is_by_activity else case.received_at, case=case.case_id)


def day_of(wanted: CaseFilter, case: CaseRecord) -> Day:
    """Return the day by which a case has its place in a list of what is due, or decided."""
    assert case.due is not None
    day = case.due.decided_on if wanted.due is DueList.DECIDED else case.due.due_on
    assert day is not None
    return day


def midnight(day: Day) -> datetime:
    """Return a day as a cursor bears it."""
    return datetime.combine(day, time.min, UTC)


def is_within(case: CaseRecord, wanted: CaseFilter) -> bool:
    """Say whether a case is of the states, and of the department, procedure, channel, agent and days asked for.

    For who finds cases by what no filter says; whether a case waits, and for what, is not looked at.
    """
    pairs = (wanted.department, case.department), (wanted.channel, case.channel)
    return (
        case.state in wanted.states
        and all(asked is None or asked == has for asked, has in pairs)
        and (wanted.procedures is None or case.procedure in wanted.procedures)
        and (not wanted.assigned_to or case.assigned_to in wanted.assigned_to)
        and (wanted.received_from is None or wanted.received_from <= case.received_at)
        and (wanted.received_before is None or case.received_at < wanted.received_before)
    )


@dataclass(frozen=True)
class Scanned:
    """What was found among the cases looked at. further: behind which cursor there may be more; None: nowhere.

    looked_at: how many cases that were.
    """

    cases: Sequence[CaseRecord]
    further: ListCursor | None = None
    looked_at: int = 0


@dataclass(frozen=True)
class DueCount:
    """How many cases of a scope are late, due today, and open where silence has decided.

    None: so many are that nobody has looked at all of them.
    """

    late: int | None = None
    today: int | None = None
    decided: int | None = None


@dataclass(frozen=True)
class Work:
    """How many open cases are the work of some agents, and of nobody, wait for a word of the town's, and for a day.

    unsent: have a message of the town's that did not leave. to_call: somebody is to be called back.
    """

    mine: int
    nobodys: int
    to_answer: int = 0
    snoozed: int = 0
    unsent: int = 0
    to_call: int = 0


def kinds_of_work(mine: tuple[AgentId, ...]) -> tuple[CaseFilter, ...]:
    """Return what a Work counts, in its order."""
    own, nobodys = CaseFilter(assigned_to=mine), CaseFilter(unassigned=True)
    rest = CaseFilter(to_answer=True), CaseFilter(snoozed=True), CaseFilter(unsent=True), CaseFilter(to_call=True)
    return own, nobodys, *rest
