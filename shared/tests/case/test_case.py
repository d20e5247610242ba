"""A case keeps to the table of moves; its events, its history and what is written stay in step, whatever is done."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.case import history
from guichet.case.case import ANNOUNCED_KEPT, Case
from guichet.case.due import ReachedClock
from guichet.case.known import InSector
from guichet.case.lifecycle import OPEN, OVER, TRANSITIONS, Verb
from guichet.case.record import CaseRecord, CaseWorkflow, Changes
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.base import Sealed
from guichet.contracts.case_commands import (
    AddNote,
    AssignCase,
    CloseCase,
    ConfirmSender,
    DeclareAbuse,
    MarkTask,
    ReopenCase,
    RerouteCase,
    SendReply,
    SettleDelivery,
    SnoozeCase,
    StateFact,
)
from guichet.contracts.case_events import CaseState
from guichet.contracts.citizen_commands import RenewLink
from guichet.contracts.delivery import DeliveryChanged, DeliveryState, Purpose, Settlement
from guichet.contracts.inbound import Automatic
from guichet.contracts.legal_facts import StatedFact
from guichet.contracts.topics import CASE_EVENTS
from guichet.contracts.workflow import Workflow, WorkflowStep, WorkflowTask
from guichet.ids import KeyId, ProcedureId, SectorId
from guichet.store.messages.document import Direction, MessageDocument
from guichet_testing.builders.case import ARRIVED, a_case

S = CaseState
SEALED = Sealed(key_id=KeyId("key"), box=b"box")
LATER = ARRIVED + timedelta(hours=1)
STATES = {  # in every row: received, in progress, waiting, closed, archived, transferred; None: it is refused
    Verb.JOIN: (S.RECEIVED, S.IN_PROGRESS, S.IN_PROGRESS, S.IN_PROGRESS, S.ARCHIVED, S.TRANSFERRED),
    Verb.NOTE: (S.RECEIVED, S.IN_PROGRESS, S.WAITING_FOR_CITIZEN, S.CLOSED, S.ARCHIVED, S.TRANSFERRED),
    Verb.REPLY: (S.IN_PROGRESS, S.IN_PROGRESS, S.IN_PROGRESS, None, None, None),
    Verb.ASK: (S.WAITING_FOR_CITIZEN, S.WAITING_FOR_CITIZEN, S.WAITING_FOR_CITIZEN, None, None, None),
    Verb.REROUTE: (S.RECEIVED, S.IN_PROGRESS, S.WAITING_FOR_CITIZEN, None, None, None),
    Verb.ASSIGN: (S.RECEIVED, S.IN_PROGRESS, S.WAITING_FOR_CITIZEN, None, None, None),
    Verb.SNOOZE: (S.RECEIVED, S.IN_PROGRESS, S.WAITING_FOR_CITIZEN, None, None, None),
    Verb.REMARK: (S.RECEIVED, S.IN_PROGRESS, S.WAITING_FOR_CITIZEN, S.CLOSED, None, None),
    Verb.CLOSE: (S.CLOSED, S.CLOSED, S.CLOSED, None, None, None),
    Verb.REOPEN: (None, None, None, S.IN_PROGRESS, None, None),
    Verb.CONFIRM: (S.RECEIVED, S.IN_PROGRESS, S.WAITING_FOR_CITIZEN, None, None, None),
    Verb.JUDGE: (S.RECEIVED, S.IN_PROGRESS, S.WAITING_FOR_CITIZEN, S.CLOSED, None, None),
    Verb.TELL: (S.RECEIVED, S.IN_PROGRESS, S.WAITING_FOR_CITIZEN, S.CLOSED, S.ARCHIVED, S.TRANSFERRED),
    Verb.MARK: (S.RECEIVED, S.IN_PROGRESS, S.WAITING_FOR_CITIZEN, None, None, None),
    Verb.QUALIFY: (S.RECEIVED, S.IN_PROGRESS, S.WAITING_FOR_CITIZEN, S.CLOSED, None, None),
    Verb.RENEW: (S.RECEIVED, S.IN_PROGRESS, S.WAITING_FOR_CITIZEN, S.CLOSED, S.ARCHIVED, S.TRANSFERRED),
    Verb.DESTROY: (S.DESTROYED,) * 6,
}
FROM = (S.RECEIVED, S.IN_PROGRESS, S.WAITING_FOR_CITIZEN, S.CLOSED, S.ARCHIVED, S.TRANSFERRED)


def message(automatic: Automatic | None = None) -> MessageDocument:
    about: dict[str, Any] = {"channel": "email", "accounts": ("contact@mairie.example",), "content": SEALED}
    return MessageDocument(_id="second", direction=Direction.INBOUND, at=LATER, automatic=automatic, **about)


def of(case: Case) -> dict[str, Any]:
    return {"event_id": "command", "occurred_at": LATER, "case_id": case.record.case_id}


A_FACT = StatedFact(event="qualified", at=LATER, nature="request")


def by_lea(case: Case) -> dict[str, Any]:
    return {**of(case), "issued_by": "lea"}


def reply(case: Case, *, awaits_answer: bool, is_known: bool = True) -> None:
    case.reply(SendReply(**by_lea(case), outbound_id="words", awaits_answer=awaits_answer), is_known=is_known)


def judge(case: Case) -> None:
    """The router asks first, for a declaration is written before its case."""
    command = DeclareAbuse(**by_lea(case), sector="cadre-de-vie", ground=AbuseGround.SECURITY, reason=SEALED)
    if case.may(Verb.JUDGE):
        case.declare_abuse(command, LATER)
    else:
        case.refuse(command, "case-closed")


def mark(case: Case) -> None:
    """Its procedure had steps when it was confirmed."""
    step = WorkflowStep(name="one", label="One", tasks=(WorkflowTask(name="look", label="Look"),))
    run = CaseWorkflow(frozen=Workflow.of(ProcedureId("p"), (step,)), step="one")
    case.record = case.record.model_copy(update={"workflow": run})
    case.mark_task(MarkTask(**by_lea(case), workflow=run.frozen.version, task="look", is_done=True))


def reroute(case: Case) -> None:
    command = RerouteCase(**by_lea(case), department="ccas", reason=SEALED)
    case.reroute(command, InSector("social", "another id", ()))


def report(case: Case) -> None:
    about = {"outbound_id": "words", "purpose": Purpose.REPLY, "channel": "email", "state": DeliveryState.SENT}
    case.record_delivery(DeliveryChanged(**of(case), **about), DeliveryState.SENT)


def renew(case: Case) -> None:
    case.renew_link(RenewLink(**of(case), proof=b"proof"), SEALED, "lookup", case.record.opened_by)


VERBS: dict[Verb, Callable[[Case], None]] = {
    Verb.JOIN: lambda case: case.join(message(), ["tag"]),
    Verb.NOTE: lambda case: case.join(message(Automatic.AUTO_SUBMITTED), ["tag"]),
    Verb.REPLY: lambda case: reply(case, awaits_answer=False),
    Verb.ASK: lambda case: reply(case, awaits_answer=True),
    Verb.REROUTE: reroute,
    Verb.ASSIGN: lambda case: case.assign(AssignCase(**by_lea(case), to="lea", reason=SEALED), may_work=True),
    Verb.SNOOZE: lambda case: case.snooze(SnoozeCase(**by_lea(case), until=LATER + timedelta(days=3))),
    Verb.REMARK: lambda case: case.add_note(AddNote(**by_lea(case), note_id="note"), is_known=True),
    Verb.CLOSE: lambda case: case.close(CloseCase(**by_lea(case))),
    Verb.REOPEN: lambda case: case.reopen(ReopenCase(**by_lea(case), reason=SEALED)),
    Verb.MARK: mark,
    Verb.QUALIFY: lambda case: case.state_fact(StateFact(**by_lea(case), fact=A_FACT), unknown=None),
    Verb.CONFIRM: lambda case: case.confirm(ConfirmSender(**by_lea(case), citizen=case.record.citizen)),
    Verb.JUDGE: judge,
    Verb.TELL: report,
    Verb.RENEW: renew,
}


def case_in(state: CaseState) -> Case:
    closed_at = ARRIVED if state is S.CLOSED else None
    return Case(a_case(state=state, closed_at=closed_at, unverified=True, undecided=("words",)))


def test_the_table_says_of_every_verb_what_it_comes_to_from_every_state() -> None:
    assert {*TRANSITIONS} == {*Verb} == {*STATES}
    assert {*FROM} == {*CaseState} - {S.DESTROYED}, "of a destroyed case only its tombstone is left"
    assert {verb: tuple(map(moves.get, FROM)) for verb, moves in TRANSITIONS.items()} == STATES
    assert not any(S.DESTROYED in moves for moves in TRANSITIONS.values())
    assert {*OPEN} | OVER | {S.CLOSED} == {*CaseState}


@pytest.mark.parametrize("state", FROM)
@pytest.mark.parametrize("verb", VERBS)
def test_a_case_keeps_to_the_table(verb: Verb, state: CaseState) -> None:
    case = case_in(state)
    VERBS[verb](case)
    types = [entry.event["type"] for entry in case.added]
    to = TRANSITIONS[verb].get(state)
    if to is None:
        assert types == ["CommandRefused"]
        assert case.added[0].event["why"] == ("not-closed" if verb is Verb.REOPEN else "case-closed")
    else:
        assert "CommandRefused" not in types
    assert case.record.state is (to or state)
    assert (case.record.closed_at is not None) == (case.record.state is S.CLOSED)
    assert ("CaseMoved" in types) == (to not in {None, state} and verb is not Verb.CLOSE)


@pytest.mark.parametrize("state", FROM)
def test_any_living_case_may_be_destroyed_and_its_event_says_whence(state: CaseState) -> None:
    tombstone = case_in(state).destroy(LATER)
    assert tombstone.state is TRANSITIONS[Verb.DESTROY][state]
    assert tombstone.outbox[0].event["from_state"] == state


@pytest.mark.parametrize("state", FROM)
def test_a_doubt_is_settled_in_whatever_state_the_case_is(state: CaseState) -> None:
    case = case_in(state)
    command = SettleDelivery(**by_lea(case), outbound_id="words", settlement=Settlement.RECEIVED)
    case.settle_delivery(command, DeliveryState.DELIVERED)
    assert [entry.event["type"] for entry in case.added] == ["DeliverySettled"]
    assert (case.record.undecided, case.record.state) == ((), state)


def opened() -> Case:
    """A new case, of a message whose sender nobody vouches for."""
    case = Case(a_case(version=0, unverified=True, undecided=("words",)))
    case.open(message())
    return case


@given(st.lists(st.sampled_from([*VERBS]), max_size=20), st.integers(0, 20))
def test_events_history_and_what_is_written_stay_in_step(verbs: list[Verb], written_after: int) -> None:
    case = opened()
    for number, verb in enumerate(verbs):
        if number == written_after:  # and read again
            case = Case(case.record)
        VERBS[verb](case)
    now = case.record
    events = [CASE_EVENTS.events.validate_python(entry.event) for entry in now.outbox]
    assert [event.version for event in events] == [*range(1, now.version + 1)], "a version is missing or doubled"
    assert [(each.version, each.type) for each in history.uncopied(now.outbox)] == [
        (event.version, event.type) for event in events
    ]
    assert [
        each.state for each in history.uncopied(now.outbox) if each.type in {"CaseOpened", "CaseMoved", "CaseClosed"}
    ][-1] == now.state, "the history ends in another state than the case"
    assert CaseRecord.model_validate(now.model_dump(by_alias=True)) == now, (
        "a verb set what is no field, or no such value"
    )
    as_written = case.read.model_copy(update={"outbox": (*case.read.outbox, *case.added)}).model_dump() | case.changes()
    assert CaseRecord.model_validate({"_id": now.case_id, **as_written}) == now, (
        "what is written is not what was decided"
    )


def test_nothing_else_of_a_case_ever_changes() -> None:
    changing, fields = get_type_hints(Changes), get_type_hints(CaseRecord)
    assert {name: fields[name] for name in changing} == changing
    as_opened = {"case_id", "reference", "channel", "account", "opened_by", "received_at", "automatic", "entered_by"}
    assert {*CaseRecord.model_fields} - {*changing} == as_opened


def test_a_tombstone_says_nothing_of_anybody() -> None:
    tombstone = opened().destroy(LATER)
    [entry] = tombstone.outbox
    assert (entry.event["type"], entry.event["citizen"], entry.event["version"]) == ("CaseDestroyed", None, 2)
    assert tombstone.version == 2
    assert tombstone.destroyed_at == ARRIVED.replace(hour=0, minute=0)


def test_an_event_bears_the_trace_of_its_cause() -> None:
    case = opened()
    case.close(CloseCase(**by_lea(case)))
    case.trace({"command": "00-trace", "unknown": "00-other"})
    assert [entry.trace for entry in case.added] == [None, "00-trace"]


@pytest.mark.parametrize(
    ("state", "owner", "why"),
    [
        (S.CLOSED, None, "case-closed"),
        (S.RECEIVED, None, "unknown-department"),
        (S.RECEIVED, InSector(SectorId("cadre-de-vie"), None, ()), "same-department"),
    ],
)
def test_what_the_state_forbids_is_said_before_what_the_town_does_not_have(
    state: CaseState, owner: InSector | None, why: str
) -> None:
    case = case_in(state)
    case.reroute(RerouteCase(**by_lea(case), department=case.record.department, reason=SEALED), owner)
    assert [entry.event["why"] for entry in case.added] == [why]


@pytest.mark.parametrize(("state", "why"), [(S.CLOSED, "case-closed"), (S.RECEIVED, "unknown-message")])
@pytest.mark.parametrize("awaits_answer", [True, False])
def test_an_answer_without_its_words_is_refused_after_a_closing(
    state: CaseState, why: str, *, awaits_answer: bool
) -> None:
    case = case_in(state)
    reply(case, awaits_answer=awaits_answer, is_known=False)
    assert [entry.event["why"] for entry in case.added] == [why]


def test_a_day_at_which_a_clock_stands_is_told_once_however_many_come_after_it() -> None:
    case, moment = opened(), LATER
    late = ReachedClock("are:late", "are", "late", date(2026, 12, 8), None)
    for nth in range(3 * ANNOUNCED_KEPT):
        moment += timedelta(days=1)
        near = ReachedClock(f"closing:near:{nth}", "closing", "near", moment.date(), None)
        case.reach(f"look-{nth}", moment, [late, near])
    told = [entry.event["clock"] for entry in case.record.outbox if entry.event["type"] == "ClockReached"]
    assert told.count("are") == 1
    assert told.count("closing") == 3 * ANNOUNCED_KEPT
    assert case.record.due is not None
    assert len(case.record.due.announced) <= ANNOUNCED_KEPT + 2
