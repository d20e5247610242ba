"""The Case: the only place that changes one. Each change is an event, which waits in the outbox for its publication.

Pure. Times are those of the cause (a message's arrival at our edge, an agent's click), so that a replay decides the
very same events. What makes no sense any more in the case's state is refused, which is an event too. The store writes
`changes()` and `added` on condition that nobody else wrote since `read` was read.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, Unpack

from guichet.case.borne_by_answers import came_back, has_left, may_bear, with_leaving
from guichet.case.due import OwedReceipt, ReachedClock
from guichet.case.ended_clocks import counted_clocks, with_rerouting
from guichet.case.kept import kept_of
from guichet.case.known import Incoming, InSector
from guichet.case.legal_facts import (
    FACTS_AT_MOST,
    LEFT,
    fact_of_delivery,
    may_be_of,
    may_state,
    stands_so,
    stated_anew,
    with_fact,
)
from guichet.case.lifecycle import TRANSITIONS, Verb, may
from guichet.case.newest import is_overtaken, is_overtaken_by_an_agent
from guichet.case.record import CaseDue, CaseRecord, Changes, DestroyedCase, DoneTask, OutboxEntry
from guichet.case.unsent import awaits_another
from guichet.case.workflow import at_its_step, begun, with_mark
from guichet.contracts.base import Sealed
from guichet.contracts.calls import CallStep
from guichet.contracts.case_commands import (
    AddNote,
    AssignCase,
    CaseCommand,
    CloseCase,
    ConfirmSender,
    DeclareAbuse,
    LiftAbuse,
    MarkTask,
    ReopenCase,
    RerouteCase,
    SendReply,
    SettleDelivery,
    SnoozeCase,
    StateFact,
)
from guichet.contracts.case_events import (
    AbuseDeclared,
    AbuseLifted,
    CaseAssigned,
    CaseClosed,
    CaseDestroyed,
    CaseEvent,
    CaseMoved,
    CaseOpened,
    CaseReopened,
    CaseRerouted,
    CaseSnoozed,
    ClockReached,
    CommandRefused,
    DeliveryRecorded,
    DeliverySettled,
    FactStated,
    LinkRenewed,
    MessageFiled,
    NoteAdded,
    ReceiptOwed,
    ReplyRequested,
    RoutingReason,
    SenderConfirmed,
    StepReached,
    TaskMarked,
    WorkflowBegun,
)
from guichet.contracts.citizen_commands import RenewLink
from guichet.contracts.delivery import DeliveryChanged, DeliveryState, Purpose, Settlement
from guichet.contracts.inbound import FROM_PEOPLE
from guichet.contracts.legal_facts import DATED_BY_AGENTS, FactKind, StatedFact
from guichet.contracts.workflow import Workflow
from guichet.ids import AgentId, EventId, MessageId, ProcedureId, derive_id, event_id, receipt_id
from guichet.law.calendar import paris_date
from guichet.law.clocks.outcome import EndedClock
from guichet.privacy.coarse_times import day_of

PARTICIPANTS_AT_MOST: Final = 300  # of one case: whoever is addressed past that, and writes, opens one of their own
SNOOZED_AT_MOST: Final = timedelta(days=366)  # nothing is put off for ever
ANNOUNCED_KEPT: Final = 40  # days of which people have heard, and at which no clock stands any more
QUESTIONS_KEPT: Final = 100  # of which a case knows that they were answered
DELIVERIES_KEPT: Final = 100  # in a case; of older ones its history tells
_WITH_A_REASON: Final = (RerouteCase, DeclareAbuse, AssignCase, ReopenCase, StateFact)
_ENDS_A_CALL_BACK: Final = frozenset({CallStep.REACHED, CallStep.WRONG_NUMBER, CallStep.DROPPED})
_BY_AN_AGENT: Final = RoutingReason(rule="agent", kind="agent")


class Case:
    """A case as it was read, and as it stands by now. A new one was read at version 0: nobody has it yet."""

    def __init__(self, read: CaseRecord) -> None:
        self.read = read
        self.record = read

    @property
    def is_new(self) -> bool:
        """Whether the store does not have the case yet."""
        return self.read.version == 0

    @property
    def added(self) -> tuple[OutboxEntry, ...]:
        """What the outbox holds more than it did; the store pushes it."""
        return self.record.outbox[len(self.read.outbox) :]

    @property
    def is_changed(self) -> bool:
        """Whether there is something to write."""
        was, now = self.read, self.record
        return bool(self.added) or (now.due, now.ended_clocks) != (was.due, was.ended_clocks)

    def changes(self) -> dict[str, Any]:
        """Return the other fields that the store sets, as stored."""
        was, now = self.read, self.record
        values = ((name, getattr(was, name), getattr(now, name)) for name in _SET)
        return now.model_dump(include={name for name, old, new in values if new is not old and new != old})

    def may(self, verb: Verb) -> bool:
        """Say whether the case is in a state where that may be done to it."""
        return may(verb, self.record.state)

    def is_overtaken(self, command: CaseCommand) -> bool:
        """Say whether another person wrote or decided after what the command's author was shown.

        What judges the sender is overtaken by agents alone: else who floods the town could not be declared abusive.
        """
        if command.shown is None or isinstance(command, AddNote | MarkTask):
            return False
        by_others = is_overtaken_by_an_agent if isinstance(command, DeclareAbuse | LiftAbuse) else is_overtaken
        return by_others(self.record.newest, command.shown, command.issued_by)

    def open(self, message: Incoming) -> None:
        """Begin a new case with the message that opens it."""
        self._of_message(CaseOpened, message, account=self.record.account, routing=self.record.routing)

    def know_procedure(self, procedure: ProcedureId, at: datetime) -> None:
        """Take it for confirmed what a new case asks for: who took it down said so, or the town answers for it."""
        fact = StatedFact(event=FactKind.PROCEDURE_CONFIRMED, at=at, procedure=procedure)
        self._set(facts=with_fact(self.record.facts, fact))

    def acknowledge_at_once(self) -> None:
        """Let the opening of a new case say that its acknowledgement leaves instead of the registration receipt."""
        opening, *later = self.record.outbox
        said = opening.model_copy(update={"event": {**opening.event, "acknowledged": True}})
        self._set(outbox=(said, *later))

    def close_on_the_spot(self, message: Incoming, by: AgentId) -> None:
        """Close a new case that its opening message says was answered there and then. by: who took it down."""
        self._set(state=TRANSITIONS[Verb.CLOSE][self.record.state], closed_at=message.at)
        self._append(CaseClosed, message.message_id, message.at, trace=message.trace, by=by, on_the_spot=True)

    def keep(self, *, subject: Sealed, link: Sealed, follow: str, linked_to: Sealed | None) -> None:
        """Give a new case what is sealed in it, and the lookup value of its link."""
        self._set(subject=subject, link=link, follow=follow, linked_to=linked_to)

    def owe_no_receipt(self, why: Sealed) -> None:
        """Let the opening of a new case say that no receipt is owed. why: the sealed NoReceipt."""
        opening, *later = self.record.outbox
        said = opening.model_copy(update={"event": {**opening.event, "declared_abusive": True}})
        declared = StatedFact(event=FactKind.ABUSE_DECLARED, at=self.record.updated_at)
        self._set(no_receipt=why, outbox=(said, *later), facts=with_fact(self.record.facts, declared))

    def join(self, message: Incoming, people: Collection[str], question: MessageId | None = None) -> None:
        """Take a message in. What a person writes gets the next answer, moves the case on or opens it again (0005).

        people: the case's own tags of who wrote it and who was addressed. A machine's mail never gets an answer.
        question: the letter whose form it is: nobody knows who held the link, and the next answer goes where that went.
        """
        by_a_person = message.automatic in FROM_PEOPLE
        if by_a_person:
            addressed = None if question is None else self.record.answered_at
            self._set(last_inbound=message.message_id, addressed=addressed, participants=self._joined_by(people))
        if question is not None:
            known = [each for each in self.record.answered_questions if each != question]
            self._set(answered_questions=(*known, question)[-QUESTIONS_KEPT:])
        self._of_message(MessageFiled, message, question=question)
        self._move(Verb.JOIN if by_a_person else Verb.NOTE, message.message_id, message.at, trace=message.trace)
        if by_a_person:
            self.end_snooze(message.message_id, message.at, trace=message.trace)

    def reply(self, command: SendReply, *, is_known: bool, joins: Collection[str] = ()) -> None:
        """Ask for the answer to be sent to whom the agent saw, whatever came since.

        is_known: whether the town has the answer's words, and the case the message that it answers. joins: the case's
        own tags of another address that its agent chose, from which may be written on. What went another way instead
        stays failed.
        """
        verb = Verb.ASK if command.awaits_answer else Verb.REPLY
        if not self.may(verb):
            return self.refuse(command, "case-closed")
        if not is_known:
            return self.refuse(command, "unknown-message")
        if command.instead_of is not None and not awaits_another(self.record, command.instead_of):
            return self.refuse(command, "not-failed")
        if not may_bear(command, self.record.facts):
            return self.refuse(command, "unknown-fact")
        self._decide(
            ReplyRequested,
            command,
            outbound_id=command.outbound_id,
            answers=command.answers,
            goes_by=command.goes_by,
            states=command.states,
            closes=command.closes,
        )
        self._set(leaving=with_leaving(self.record.leaving, command))
        if joins:
            self._set(participants=self._joined_by(joins))
        self._set(unsent=tuple(each for each in self.record.unsent if each in self.record.undecided))
        return self._move(verb, command.event_id, command.occurred_at, by=command.issued_by)

    def reroute(self, command: RerouteCase, owner: InSector | None) -> None:
        """Hand the case over. owner: whose it is in the department's sector; None where the town has no such one.

        Its procedure is of the former department, and would say to whoever sees a synthesis where it came from; so
        would its steps.
        """
        if not self.may(Verb.REROUTE):
            return self.refuse(command, "case-closed")
        if owner is None:
            return self.refuse(command, "unknown-department")
        if command.department == self.record.department:
            return self.refuse(command, "same-department")
        was = {
            "from_sector": self.record.sector,
            "from_department": self.record.department,
            "from_procedure": self.record.procedure,
        }
        if owner.sector != self.record.sector:
            self._set(sector=owner.sector, citizen=owner.citizen, candidates=owner.candidates, abusive_until=None)
        self._set(rerouted=with_rerouting(self.record, paris_date(command.occurred_at)))
        self._set(department=command.department, procedure=None, workflow=None)
        self._set(routing=_BY_AN_AGENT, snoozed_until=None)
        return self._decide(CaseRerouted, command, reason=command.reason, unannounced=command.unannounced, **was)

    def assign(self, command: AssignCase, *, may_work: bool) -> None:
        """Make the case an agent's work, or nobody's. may_work: whether whom it is given may answer it."""
        if not self.may(Verb.ASSIGN):
            return self.refuse(command, "case-closed")
        if command.to == self.record.assigned_to:
            return self.refuse(command, "same-agent")
        if command.to is not None and not may_work:
            return self.refuse(command, "agent-without-right")
        was = self.record.assigned_to
        self._set(assigned_to=command.to)
        return self._decide(CaseAssigned, command, from_agent=was, to=command.to, reason=command.reason)

    def end_assignment(self, cause: EventId, at: datetime) -> None:
        """Make the case nobody's work, because its agent has no right to it any more; nothing where it is."""
        if (was := self.record.assigned_to) is not None:
            self._set(assigned_to=None)
            self._append(CaseAssigned, cause, at, from_agent=was, to=None)

    def snooze(self, command: SnoozeCase) -> None:
        """Put the case off until a day, within a year; or take it up again before."""
        if not self.may(Verb.SNOOZE):
            return self.refuse(command, "case-closed")
        if not self._follows(command.behind):
            return self.refuse(command, "answer-refused")
        if command.until is None and self.record.snoozed_until is None:
            return self.refuse(command, "not-snoozed")
        if command.until is not None and not timedelta(0) < command.until - command.occurred_at <= SNOOZED_AT_MOST:
            return self.refuse(command, "no-such-day")
        self._set(snoozed_until=command.until)
        return self._decide(CaseSnoozed, command, until=command.until)

    def end_snooze(self, cause: str, at: datetime, *, trace: str | None = None) -> None:
        """Bring the case back, because its day has come or a citizen wrote; nothing where it is there."""
        if self.record.snoozed_until is not None:
            self._set(snoozed_until=None)
            self._append(CaseSnoozed, cause, at, trace=trace, until=None)

    def add_note(self, command: AddNote, *, is_known: bool, may_work: bool = True) -> None:
        """Say something to colleagues. is_known: whether the town has the note's words, about this case.

        may_work: whether each whom it mentions may answer the case: nobody else is shown what agents tell each other.
        """
        if not self.may(Verb.REMARK):
            return self.refuse(command, "case-closed")
        if not is_known:
            return self.refuse(command, "unknown-note")
        if not may_work:
            return self.refuse(command, "agent-without-right")
        if command.call is CallStep.ASKED and not self.may(Verb.SNOOZE):
            return self.refuse(command, "case-closed")
        if not _is_soon(command.call_wanted_at, command.occurred_at):
            return self.refuse(command, "no-such-day")
        if command.call in _ENDS_A_CALL_BACK:
            self._set(call_back_at=None)
        if command.call is CallStep.ASKED:
            self._set(call_back_at=command.call_wanted_at or command.occurred_at)
        said = {"mentions": command.mentions, "call": command.call, "call_wanted_at": command.call_wanted_at}
        return self._decide(NoteAdded, command, note_id=command.note_id, **said)

    def close(self, command: CloseCase) -> None:
        """Close the case."""
        if not self.may(Verb.CLOSE):
            return self.refuse(command, "case-closed")
        if not self._follows(command.behind):
            return self.refuse(command, "answer-refused")
        closed = TRANSITIONS[Verb.CLOSE][self.record.state]
        self._set(state=closed, closed_at=command.occurred_at, snoozed_until=None, call_back_at=None)
        self._decide(CaseClosed, command, unannounced=command.unannounced)
        return self._set(closing_version=self.record.version)

    def _follows(self, answer: EventId | None) -> bool:
        """Say whether what is given behind an answer may be decided: none was, or it is among what was decided last."""
        return answer is None or any(each.id == answer for each in self.record.newest)

    def reopen(self, command: ReopenCase) -> None:
        """Open a closed case again. No clock restarts."""
        if not self.may(Verb.REOPEN):
            return self.refuse(command, "not-closed")
        self._decide(CaseReopened, command, reason=command.reason, unannounced=command.unannounced)
        self._set(closing_version=self.record.version)
        return self._move(Verb.REOPEN, command.event_id, command.occurred_at, by=command.issued_by)

    def state_fact(self, command: StateFact, *, unknown: str | None) -> None:
        """Note what an agent says that the law's clocks ask for.

        unknown: why it is refused, where the town does not know what it speaks of: a procedure, a piece, an authority
        or a decision's words.
        """
        if not self.may(Verb.QUALIFY):
            return self.refuse(command, "case-closed")
        fact, facts = command.fact, self.record.facts
        if not may_state(fact, facts):
            return self.refuse(command, "unknown-fact")
        if not may_be_of(fact, self.record.received_at, command.occurred_at):
            return self.refuse(command, "no-such-day" if fact.event in DATED_BY_AGENTS else "unknown-fact")
        if unknown is not None:
            return self.refuse(command, unknown)
        is_its_procedure = fact.procedure == self.record.procedure  # not since it was handed over: then it is said anew
        if stands_so(fact, facts) and (fact.event is not FactKind.PROCEDURE_CONFIRMED or is_its_procedure):
            return self.refuse(command, "same-fact")
        fact = stated_anew(fact, facts)
        if len(facts) >= FACTS_AT_MOST:
            return self.refuse(command, "too-many-facts")
        was = self.record.procedure
        if fact.event is FactKind.PROCEDURE_CONFIRMED:
            self._set(procedure=fact.procedure)
        return self._decide(FactStated, command, fact=fact, reason=command.reason, from_procedure=was)

    def begin_workflow(self, workflow: Workflow, cause: str, at: datetime, *, trace: str | None = None) -> None:
        """Let the case go through these steps, as they are now, until its end; nothing where those of their procedure
        have begun, whatever the town says of them since.
        """
        run = self.record.workflow
        if run is not None and run.frozen.procedure == workflow.procedure:
            return
        run = begun(workflow, self.record.facts, by_hand=self.record.entered_by is not None)
        self._set(workflow=run)
        self._append(WorkflowBegun, cause, at, trace=trace, workflow=workflow, step=run.step)

    def end_workflow(self) -> None:
        """Let the case go through no steps any more: it is not of their procedure."""
        if self.record.workflow is not None:
            self._set(workflow=None)

    def mark_task(self, command: MarkTask) -> None:
        """Note that a task of its workflow is done, or is open again."""
        if not self.may(Verb.MARK):
            return self.refuse(command, "case-closed")
        run = self.record.workflow
        if run is None or run.frozen.version != command.workflow or run.frozen.task(command.task) is None:
            return self.refuse(command, "unknown-task")
        if command.is_done is any(each.task == command.task for each in run.done):
            return self.refuse(command, "same-task")
        mark = DoneTask(task=command.task, by=command.issued_by, at=command.occurred_at)
        self._set(workflow=with_mark(run, mark, is_done=command.is_done))
        return self._decide(TaskMarked, command, task=command.task, is_done=command.is_done)

    def follow_workflow(self, cause: str, at: datetime) -> None:
        """Let the case come to the step at which its tasks and facts have it by now."""
        run = self.record.workflow
        if run is None or (there := at_its_step(run, self.record.facts)) is run:
            return
        self._set(workflow=there)
        self._append(StepReached, cause, at, from_step=run.step, step=there.step)

    def owe_receipt(self, cause: str, at: datetime, owed: OwedReceipt) -> None:
        """Let the acknowledgement leave, to whoever opened the case."""
        due, own = self.record.due or CaseDue(), owed.model_dump()
        self._append(
            ReceiptOwed,
            cause,
            at,
            answers=self.record.opened_by,
            received_on=paris_date(self.record.received_at),
            corrects=due.receipt in {"full", "incomplete"},
            **own,
        )
        owed_as: Literal["full", "incomplete"] = "full" if owed.is_full else "incomplete"
        self._set(due=due.model_copy(update={"receipt": owed_as, "says": owed.silence}))

    def reach(self, cause: str, at: datetime, clocks: Iterable[ReachedClock]) -> None:
        """Tell people of days that have come, each once. cause: why the case was looked at.

        clocks: all that have come to one: of these none is forgotten, or it would be told of again.
        """
        due, reached = self.record.due or CaseDue(), [*clocks]
        for each in reached:
            if each.key not in due.announced:
                self._append(
                    ClockReached,
                    cause,
                    at,
                    event_id=derive_id(self.record.case_id, each.key),
                    clock=each.clock,
                    stage=each.stage,
                    due=each.due,
                    means=each.means,
                )
                due = due.model_copy(update={"announced": (*due.announced, each.key)})
        announced = _newest(due.announced, {each.key for each in reached})
        self.keep_due(due.model_copy(update={"announced": announced}))

    def keep_due(self, due: CaseDue) -> None:
        """Keep what the clocks say by now, where it is not what they said."""
        if due != self.record.due:
            self._set(due=due)

    def begin_counting(self) -> None:
        """Let the clocks of a new case be counted when they end."""
        self._set(ended_clocks=())

    def count(self, ended: Iterable[EndedClock]) -> None:
        """Keep which clocks have ended, in place of those that had; nothing of a case of before clocks were counted."""
        if self.record.ended_clocks is None:
            return
        counted = counted_clocks(self.record, ended)
        if counted != self.record.ended_clocks:
            self._set(ended_clocks=counted)

    def confirm(self, command: ConfirmSender) -> None:
        """Attribute the case to whom the agent recognised."""
        if not self.may(Verb.CONFIRM):
            return self.refuse(command, "case-closed")
        if not self.record.unverified or command.citizen not in {self.record.citizen, *self.record.candidates}:
            return self.refuse(command, "unknown-citizen")
        self._set(citizen=command.citizen, candidates=(), unverified=False)
        return self._decide(SenderConfirmed, command)

    def declare_abuse(self, command: DeclareAbuse, until: datetime) -> None:
        """Note that no receipt is owed any more, until then, to who opened the case."""
        self._set(abusive_until=until)
        self._decide(AbuseDeclared, command, ground=command.ground, until=until, reason=command.reason)

    def lift_abuse(self, command: LiftAbuse) -> None:
        """Note that receipts are owed again."""
        self._set(abusive_until=None)
        self._decide(AbuseLifted, command)

    def refuse(self, command: CaseCommand, why: str) -> None:
        """Note that a command came to nothing, with the reason that its author wrote: their words are not lost."""
        reason = command.reason if isinstance(command, _WITH_A_REASON) else None
        self._decide(CommandRefused, command, command_id=command.event_id, why=why, reason=reason)

    def renew_link(self, command: RenewLink, link: Sealed, follow: str, answers: MessageId) -> None:
        """Give the case a new link, for the sender of a message. follow: its lookup value."""
        self._set(link=link, follow=follow, link_renewed_at=command.occurred_at)
        self._append(LinkRenewed, command.event_id, command.occurred_at, answers=answers)

    def record_delivery(self, report: DeliveryChanged, state: DeliveryState) -> None:
        """Note what became of an outbound message. state: the furthest it was told to be in, by now.

        A message waits for an agent from the report that says so. Only what says that it left, or failed, ends that: a
        first doubt that is told late is none, nor is why it had to wait.
        """
        undecided = self.record.undecided
        if report.undecided or report.state not in (DeliveryState.UNKNOWN, DeliveryState.PENDING):
            undecided = tuple(each for each in undecided if each != report.outbound_id)
        if report.undecided:
            undecided = (*undecided, report.outbound_id)
        deliveries = self._newest_of({**self.record.deliveries, report.outbound_id: state})
        unsent = tuple(each for each in self.record.unsent if each != report.outbound_id)
        if self._has_failed(report, state) or report.outbound_id in undecided:
            unsent = (*unsent, report.outbound_id)[-DELIVERIES_KEPT:]
        self._set(deliveries=deliveries, undecided=undecided, unsent=unsent)
        if (fact := fact_of_delivery(report)) is not None:
            self._set(facts=with_fact(self.record.facts, fact))
        if state in LEFT:
            self._let_have_left(report.outbound_id, report.occurred_at)
        elif state is DeliveryState.FAILED:
            self._set(facts=came_back(self.record.leaving, self.record.facts, report.outbound_id))
        about = {"outbound_id": report.outbound_id, "state": report.state, "reason": report.reason}
        self._append(DeliveryRecorded, report.event_id, report.occurred_at, **about)

    def _has_failed(self, report: DeliveryChanged, state: DeliveryState) -> bool:
        """Say whether it waits for an agent because it failed: not where what it said goes another way."""
        if report.state is DeliveryState.FAILED:
            return state is DeliveryState.FAILED and not report.goes_another_way
        return state == DeliveryState.FAILED and report.outbound_id in self.record.unsent

    def _let_have_left(self, outbound_id: str, at: datetime) -> None:
        """Let it be so from that moment on what an answer does in law."""
        leaving, facts = has_left(self.record.leaving, self.record.facts, outbound_id, at)
        if facts is not self.record.facts:
            self._set(leaving=leaving, facts=facts)

    def settle_delivery(self, command: SettleDelivery, state: DeliveryState) -> None:
        """Note what an agent says of a message whose fate is unknown for good, or that a letter was posted.

        state: what it comes to.
        """
        outbound = command.outbound_id
        if command.settlement is Settlement.POSTED:
            is_to_settle = self.record.deliveries.get(outbound) == DeliveryState.WITHHELD
        else:
            is_to_settle = outbound in self.record.undecided
        if not is_to_settle:
            return self.refuse(command, "already-settled")
        left = tuple(each for each in self.record.undecided if each != outbound)
        unsent = tuple(each for each in self.record.unsent if each != outbound)
        self._set(deliveries={**self.record.deliveries, outbound: state}, undecided=left, unsent=unsent)
        if state in LEFT:
            self._let_have_left(outbound, command.occurred_at)
        return self._decide(DeliverySettled, command, outbound_id=outbound, settlement=command.settlement)

    def destroy(self, at: datetime) -> DestroyedCase:
        """Return what is left. Its event bears no citizen, the sector's own id goes with the person, and but the day.

        Its cause is the case: one request destroys several, and nothing may join them (docs/decisions/0014).
        """
        cause, day = derive_id("destroyed", self.record.case_id), day_of(at)
        own = {"event_id": event_id(self.record.case_id, CaseDestroyed.__name__), "citizen": None}
        event = self._event(CaseDestroyed, cause, day, from_state=self.record.state, **own)
        waiting = OutboxEntry(cause=cause, event=event.model_dump(mode="json"))
        return DestroyedCase(_id=event.case_id, version=event.version, destroyed_at=day, outbox=(waiting,))

    def trace(self, traces: Mapping[str, str | None]) -> None:
        """Give each event of the outbox the trace of its cause, where it has none. traces: by command or report."""
        outbox = self.record.outbox
        if any(entry.trace is None and traces.get(entry.cause) for entry in outbox):
            traced = [each.model_copy(update={"trace": each.trace or traces.get(each.cause)}) for each in outbox]
            self._set(outbox=tuple(traced))

    def _set(self, **changes: Unpack[Changes]) -> None:
        self.record = self.record.model_copy(update=changes)

    def _of_message(self, kind: type[CaseEvent], message: Incoming, **fields: Any) -> None:
        about = {"message_id": message.message_id, "channel": message.channel, "automatic": message.automatic}
        received = {"received_at": message.date_of_receipt, **about}
        self._append(kind, message.message_id, message.at, trace=message.trace, **received, **fields)

    def _decide(self, kind: type[CaseEvent], command: CaseCommand, **fields: Any) -> None:
        self._append(kind, command.event_id, command.occurred_at, by=command.issued_by, **fields)

    def _move(
        self, verb: Verb, cause: str, at: datetime, *, by: AgentId | None = None, trace: str | None = None
    ) -> None:
        """Bring the case where the verb leads; nothing where it is there already."""
        before, to = self.record.state, TRANSITIONS[verb][self.record.state]
        if to != before:
            self._set(state=to, closed_at=None)
            self._append(CaseMoved, cause, at, trace=trace, from_state=before, to_state=to, by=by)

    def _append(self, kind: type[CaseEvent], cause: str, at: datetime, *, trace: str | None = None, **own: Any) -> None:
        """Let something have happened. The event carries sector, department and citizen as they are by now."""
        event, case = self._event(kind, cause, at, **own), self.record
        entry = OutboxEntry(cause=cause, event=event.model_dump(mode="json"), trace=trace)
        changes = kept_of(case, event)
        changes["version"], changes["updated_at"] = event.version, max(case.updated_at, at)
        changes["outbox"] = (*case.outbox, entry)
        self._set(**changes)

    def _event(self, kind: type[CaseEvent], cause: str, at: datetime, **own: Any) -> CaseEvent:
        case = self.record
        of_every_event = {
            "event_id": event_id(cause, kind.__name__),
            "occurred_at": at,
            "case_id": case.case_id,
            "reference": case.reference,
            "version": case.version + 1,
            "caused_by": cause,
            "sector": case.sector,
            "department": case.department,
            "citizen": case.citizen,
            "procedure": case.procedure,
            "entered_by": case.entered_by,
        }
        return kind(**of_every_event | own)

    def _joined_by(self, people: Collection[str]) -> tuple[str, ...]:
        known = self.record.participants
        newcomers = sorted(set(people).difference(known))
        return (*known, *newcomers)[: max(len(known), PARTICIPANTS_AT_MOST)]

    def _newest_of(self, deliveries: dict[str, str]) -> dict[str, str]:
        """Return as many as the case keeps, its receipt's among them; of the others the history tells."""
        others = [outbound for outbound in deliveries if outbound != receipt_id(self.record.case_id, Purpose.AEE)]
        left = others[: max(0, len(deliveries) - DELIVERIES_KEPT)]
        return {outbound: state for outbound, state in deliveries.items() if outbound not in left}


_SET: Final = frozenset(Changes.__annotations__) - {"outbox"}  # which only grows


def _newest(announced: tuple[str, ...], still: Collection[str]) -> tuple[str, ...]:
    """Return the days at which a clock stands still, and the newest of the others."""
    over = [key for key in announced if key not in still]
    left = {*over[-ANNOUNCED_KEPT:], *still}
    return tuple(key for key in announced if key in left)


def _is_soon(wanted_at: datetime | None, now: datetime) -> bool:
    """Say whether somebody may be called back from that time on: today, or within a year."""
    if wanted_at is None:
        return True
    return paris_date(wanted_at) >= paris_date(now) and wanted_at - now <= SNOOZED_AT_MOST
