"""What an agent's command or a delivery report does to a case. Pure. What makes no sense any more is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from case_router.domain.arrival import Holders
from case_router.domain.batch_context import BatchContext
from case_router.domain.commands.abuse import Sender, declared, lifted, unannounced, why_not
from case_router.domain.commands.due import EndSnooze, LookAgain
from case_router.domain.commands.known import says_what_it_is, unknown_in
from case_router.domain.commands.link_renewal import renew, whose_sender_gets_it
from case_router.domain.commands.lost_right import EndAssignment
from case_router.domain.commands.rights import may_work_on, require_another_author, require_given, require_right
from case_router.domain.open_case import CaseOpener
from case_router.domain.reckoner import Reckoner
from guichet.case.case import Case
from guichet.case.known import InSector
from guichet.case.record import CaseRecord
from guichet.case.workflow import confirmed_procedure
from guichet.contracts.base import Event
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
from guichet.contracts.citizen_commands import RenewLink
from guichet.contracts.delivery import DeliveryChanged, DeliveryState, Purpose, Settlement
from guichet.contracts.inbound_content import Identifier
from guichet.contracts.legal_facts import FactKind
from guichet.errors import ErasedError
from guichet.ids import AgentId, CaseId, SectorId, receipt_id
from guichet.store.abuse_declarations import AbuseDeclaration
from guichet.store.deliveries.document import SETTLED_AS, further
from guichet.town.provider_accounts import writing_first
from guichet.town.town import Town


class DecideCommand:
    """Decides the commands and reports of one batch. now: aware UTC.

    declarations: of abuse, by sender, as they shall stand: to be written before the cases.
    """

    def __init__(
        self, context: BatchContext, town: Town, opener: CaseOpener, reckoner: Reckoner, now: datetime
    ) -> None:
        self._context = context
        self._reckoner = reckoner
        self._now = now
        self._town = town
        self._opener = opener
        self._people = dict(context.people)
        self.declarations: dict[str, AbuseDeclaration] = {}

    def decide(self, case: Case, command: Event) -> None:
        """Change the case as commanded; not where the command is done already.

        Refused where another person wrote or decided after what its author was shown.

        Raises NoRightError for a command whose author had no right to the case when they gave it, dated ahead
        or of too long ago.
        """
        if self._context.is_done(case.record, command.event_id):
            return None
        if isinstance(command, CaseCommand | RenewLink):
            require_given(command, self._now)
        if isinstance(command, CaseCommand):
            rights = self._context.rights.get(command.issued_by, ())
            require_right(case.record, command, rights, self._context.moves.get(command.case_id, ()))
            if isinstance(command, SendReply) and self._town.wants_four_eyes(case.record.department):
                require_another_author(command)
            if case.is_overtaken(command):
                return case.refuse(command, "case-changed")
        DECISIONS[type(command)](self, case, command)
        if not isinstance(command, DeliveryChanged):  # what a report brings about writes to nobody (contracts.flow)
            case.follow_workflow(command.event_id, command.occurred_at)
        return None

    def reply(self, case: Case, command: SendReply) -> None:
        """Ask for the answer to be sent, if the town has its words and the case what it answers, to an address of its
        citizen's.

        What goes on paper is printed by agents, who say on it to whom: it needs no address. The case then waits for the
        citizen, or is in progress.
        """
        outbound = self._context.outbound.get(command.outbound_id)
        is_ours = outbound is not None and outbound.filed == command.case_id
        answers_ours = command.answers is None or self._context.has_message(case.record, command.answers)
        is_known = is_ours and answers_ours
        if command.states is not None and (unknown := unknown_in(command.states, case.record, self._town)) is not None:
            return case.refuse(command, unknown)
        if command.goes_by is None or self._town.facts[command.goes_by].on_paper:
            return case.reply(command, is_known=is_known)
        to = self._chosen_address(case.record, command)
        if to is None:
            return case.refuse(command, "unknown-address")
        return case.reply(command, is_known=is_known, joins=(self._opener.participants.at(case.record.case_id, to),))

    def _chosen_address(self, case: CaseRecord, command: SendReply) -> Identifier | None:
        """Return the address that an answer's agent chose, which is proven to be the case's citizen's.

        None: it is not, or what it answers came from a third person. Of an unverified case nobody knows whose it is.
        """
        to, people = self._context.chosen.get(command.outbound_id), self._context.proven.get(command.outbound_id, ())
        if to is None or case.unverified or writing_first(to.kind, self._town) != command.goes_by:
            return None
        wrote = self._context.wrote.get(command.outbound_id)
        own = [{self._opener.own_id(case.sector, each) for each in ids} for ids in (people, wrote) if ids is not None]
        if any(case.citizen not in ids for ids in own):
            return None
        return to

    def reroute(self, case: Case, command: RerouteCase) -> None:
        """Hand the case over, under the new sector's own id of the citizen. Its agent keeps it, if they still may."""
        before = case.record.department
        case.reroute(command, self._owner_in(case.record, command))
        if case.record.department != before and not self._may_work(case.record, case.record.assigned_to):
            case.end_assignment(command.event_id, command.occurred_at)

    def assign(self, case: Case, command: AssignCase) -> None:
        """Make the case an agent's work, who may answer it now; or nobody's."""
        case.assign(command, may_work=self._may_work(case.record, command.to))

    def snooze(self, case: Case, command: SnoozeCase) -> None:
        """Put the case off, or take it up again."""
        case.snooze(command)

    def end_snooze(self, case: Case, command: EndSnooze) -> None:
        """Bring the case back, unless it is back, or was put off anew meanwhile."""
        if case.record.snoozed_until == command.until:
            case.end_snooze(command.event_id, command.occurred_at)

    def add_note(self, case: Case, command: AddNote) -> None:
        """Say what its author wrote to colleagues, if the town has these words about this case, to these colleagues."""
        note = self._context.notes.get(command.note_id)
        said = (command.case_id, command.issued_by, command.mentions)
        is_theirs = note is not None and (note.case_id, note.author, note.mentions) == said
        may_work = all(self._may_work(case.record, agent) for agent in command.mentions)
        case.add_note(command, is_known=is_theirs, may_work=may_work)

    def end_assignment(self, case: Case, command: EndAssignment) -> None:
        """Take the case from an agent who lost the right to it, unless it has come right or changed hands meanwhile."""
        agent = case.record.assigned_to
        if agent == command.agent and not self._may_work(case.record, agent):
            case.end_assignment(command.event_id, command.occurred_at)

    def close(self, case: Case, command: CloseCase) -> None:
        """Close the case."""
        case.close(command)

    def reopen(self, case: Case, command: ReopenCase) -> None:
        """Open a closed case again."""
        case.reopen(command)

    def state_fact(self, case: Case, command: StateFact) -> None:
        """Note what an agent says that the law's clocks ask for; the acknowledgement leaves if that was lacking."""
        before = case.record.facts
        case.state_fact(command, unknown=self._unknown_of(command, case.record))
        if case.record.facts is before:
            return
        if says_what_it_is(command.fact):
            self._reckoner.owe_receipt(case, command.event_id, command.occurred_at)
        self._change_workflow(case, command)

    def _change_workflow(self, case: Case, command: StateFact) -> None:
        """Let the steps of a procedure begin as it is confirmed, and end once it is the case's no more."""
        run, confirmed = case.record.workflow, confirmed_procedure(case.record.facts)
        if run is not None and run.frozen.procedure != confirmed:
            case.end_workflow()
        workflow = self._town.workflow_of(command.fact.procedure)
        if command.fact.event is FactKind.PROCEDURE_CONFIRMED and workflow is not None:
            case.begin_workflow(workflow, command.event_id, command.occurred_at)

    def mark_task(self, case: Case, command: MarkTask) -> None:
        """Note what an agent says of a task of the case's workflow."""
        case.mark_task(command)

    def _unknown_of(self, command: StateFact, case: CaseRecord) -> str | None:
        """Return why a fact cannot be: it speaks of what neither town nor case knows, or lacks its words.

        None: all is known.
        """
        fact = command.fact
        if fact.needs_reason and command.reason is None:
            return "unknown-note"
        if fact.decision is not None:
            note = self._context.notes.get(fact.decision.words)
            return None if note is not None and note.case_id == case.case_id else "unknown-note"
        return unknown_in(fact, case, self._town)

    def look_again(self, case: Case, command: LookAgain) -> None:
        """Reckon a case's clocks anew, as of now: its day may have come long before."""
        self._reckoner.look_again(case, command.event_id, max(self._now, command.occurred_at))

    def confirm(self, case: Case, command: ConfirmSender) -> None:
        """Attribute the case to whom the agent recognised; see RememberSenders for what the registry remembers."""
        case.confirm(command)

    def declare_abuse(self, case: Case, command: DeclareAbuse) -> None:
        """Note that no receipt is owed any more to who opened the case, for a time and in its sector."""
        sender = self._sender(command)
        if why := why_not(case.record, command, sender):
            if sender is not None and (over := unannounced(command, sender)):
                self._let_stand(sender, over)
            return case.refuse(command, why)
        assert sender is not None
        stands = declared(command, sender, self._town.abuse_lasts)
        self._let_stand(sender, stands)
        return case.declare_abuse(command, stands.until)

    def lift_abuse(self, case: Case, command: LiftAbuse) -> None:
        """Note that receipts are owed again."""
        sender = self._sender(command)
        if why := why_not(case.record, command, sender):
            return case.refuse(command, why)
        assert sender is not None
        assert sender.declaration is not None
        self._let_stand(sender, lifted(command, sender.declaration))
        return case.lift_abuse(command)

    def renew_link(self, case: Case, command: RenewLink) -> None:
        """Give the citizen a new link for one that has ended. Raises WrongProofError, ErasedError."""
        record = case.record
        key = self._context.case_keys.get(record.link.key_id) if record.link else None
        if key is None:
            raise ErasedError(f"case {record.case_id}: its key is gone")
        sure = {
            message: own
            for message, citizen in self._context.verified.items()
            if (own := self._opener.in_sector(Holders(citizen), record.sector).citizen) is not None
        }
        answers = whose_sender_gets_it(record, self._context.answered, sure)
        renew(case, command, key, self._town.follow_links_last, answers)

    def record_delivery(self, case: Case, report: DeliveryChanged) -> None:
        """Note what became of an outbound message; what is told late takes nothing back."""
        before = DeliveryState(case.record.deliveries.get(report.outbound_id, DeliveryState.PENDING))
        case.record_delivery(report, further(report.state, before))

    def settle_delivery(self, case: Case, command: SettleDelivery) -> None:
        """Note what the agent says of a message whose fate is unknown for good, in whatever state the case is.

        No receipt is posted: it goes by an electronic way, or not at all.
        """
        receipts = {receipt_id(command.case_id, each) for each in (Purpose.AEE, Purpose.ARE)}
        if command.settlement is Settlement.POSTED and command.outbound_id in receipts:
            return case.refuse(command, "already-settled")
        return case.settle_delivery(command, SETTLED_AS[command.settlement])

    def _may_work(self, case: CaseRecord, agent: AgentId | None) -> bool:
        return agent is not None and may_work_on(case, self._context.rights.get(agent, ()), self._now)

    def _sender(self, command: DeclareAbuse | LiftAbuse) -> Sender | None:
        """Return who opened a case, with what this batch has decided of them already."""
        sender = self._context.senders.get((command.case_id, command.sector))
        if sender is None or sender.sender_id not in self.declarations:
            return sender
        return replace(sender, declaration=self.declarations[sender.sender_id])

    def _let_stand(self, sender: Sender, stands: AbuseDeclaration) -> None:
        if stands != sender.declaration:
            self.declarations[sender.sender_id] = stands

    def _owner_in(self, case: CaseRecord, command: RerouteCase) -> InSector | None:
        """Return whose a case is in the sector of the department that it goes to; None where the town has none such."""
        if command.department not in self._town.departments:
            return None
        sector = self._town.sector_of(command.department)
        if sector == case.sector:
            return InSector(sector, case.citizen, case.candidates)
        return self._opener.in_sector(self._people_of(case, sector), sector)

    def _people_of(self, case: CaseRecord, goes_to: SectorId) -> Holders:
        """Return whose a case is, in the registry's ids: the case says it, not what is known of the address now.

        Nobody's where the registry knows them no more: they are erased, and the case with them.
        goes_to: the sector whose ids of them the batch's next command may find in the case.
        """
        people = self._people
        citizen = people.get(case.citizen) if case.citizen else None
        candidates = dict.fromkeys(people[own] for own in case.candidates if own in people)
        everybody = [each for each in (citizen, *candidates) if each is not None]
        people.update({self._opener.own_id(goes_to, each): each for each in everybody})
        return Holders(citizen, tuple(candidates), case.unverified)


DECISIONS: dict[type[Event], Callable[[DecideCommand, Case, Any], None]] = {
    SendReply: DecideCommand.reply,
    RerouteCase: DecideCommand.reroute,
    AssignCase: DecideCommand.assign,
    AddNote: DecideCommand.add_note,
    SnoozeCase: DecideCommand.snooze,
    EndSnooze: DecideCommand.end_snooze,
    LookAgain: DecideCommand.look_again,
    StateFact: DecideCommand.state_fact,
    MarkTask: DecideCommand.mark_task,
    EndAssignment: DecideCommand.end_assignment,
    CloseCase: DecideCommand.close,
    ReopenCase: DecideCommand.reopen,
    ConfirmSender: DecideCommand.confirm,
    DeclareAbuse: DecideCommand.declare_abuse,
    LiftAbuse: DecideCommand.lift_abuse,
    SettleDelivery: DecideCommand.settle_delivery,
    RenewLink: DecideCommand.renew_link,
    DeliveryChanged: DecideCommand.record_delivery,
}


def case_of(command: Event) -> CaseId:
    """Return the case that a command or report is about."""
    assert isinstance(command, CaseCommand | RenewLink | DeliveryChanged | EndAssignment | EndSnooze | LookAgain)
    return command.case_id
