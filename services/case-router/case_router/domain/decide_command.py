"""What an agent's command or a delivery report does to a case. Pure. What makes no sense any more is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from case_router.domain.arrival import Holders
from case_router.domain.batch_context import BatchContext
from case_router.domain.case_changes import happened, moved
from case_router.domain.commands.abuse import Sender, declared, lifted, unannounced, why_not
from case_router.domain.commands.link_renewal import renewed, whose_sender_gets_it
from case_router.domain.commands.rights import require_given, require_right
from case_router.domain.open_case import CaseOpener
from case_router.domain.undecided import ALREADY_SETTLED, settled, undecided_after
from guichet.case.newest import is_overtaken, is_overtaken_by_an_agent
from guichet.case.record import DELIVERIES_KEPT, CaseRecord
from guichet.contracts.base import Event
from guichet.contracts.case_commands import (
    CaseCommand,
    CloseCase,
    ConfirmSender,
    DeclareAbuse,
    LiftAbuse,
    RerouteCase,
    SendReply,
    SettleDelivery,
)
from guichet.contracts.case_events import (
    AbuseDeclared,
    AbuseLifted,
    CaseClosed,
    CaseRerouted,
    CaseState,
    CommandRefused,
    DeliveryRecorded,
    ReplyRequested,
    RoutingReason,
    SenderConfirmed,
)
from guichet.contracts.citizen_commands import RenewLink
from guichet.contracts.delivery import DeliveryChanged, DeliveryState, Purpose
from guichet.errors import ErasedError
from guichet.ids import CaseId, SectorId, receipt_id
from guichet.store.abuse_declarations import AbuseDeclaration
from guichet.store.deliveries.document import further
from guichet.town.town import Town

_BY_AN_AGENT = RoutingReason(rule="agent", kind="agent")
_OPEN = frozenset({CaseState.RECEIVED, CaseState.IN_PROGRESS, CaseState.WAITING_FOR_CITIZEN})


class DecideCommand:
    """Decides the commands and reports of one batch. now: aware UTC.

    declarations: of abuse, by sender, as they shall stand: to be written before the cases.
    """

    def __init__(self, context: BatchContext, town: Town, opener: CaseOpener, now: datetime) -> None:
        self._context = context
        self._now = now
        self._town = town
        self._opener = opener
        self._people = dict(context.people)
        self.declarations: dict[str, AbuseDeclaration] = {}

    def decide(self, case: CaseRecord, command: Event) -> CaseRecord:
        """Return the case after the command; unchanged when the command is done already.

        Refused where another person wrote or decided after what its author was shown.

        Raises NoRightError for a command whose author had no right to the case when they gave it, or dated ahead.
        """
        if self._context.is_done(case, command.event_id):
            return case
        if isinstance(command, CaseCommand | RenewLink):
            require_given(command, self._now)
        if isinstance(command, CaseCommand):
            rights, moves = self._context.rights.get(command.issued_by, ()), self._context.moves.get(case.case_id, ())
            require_right(case, command, rights, moves)
            if _is_overtaken(case, command):
                return _refused(case, command, "case-changed")
        return DECISIONS[type(command)](self, case, command)

    def reply(self, case: CaseRecord, command: SendReply) -> CaseRecord:
        """Ask for the answer to be sent to whom the agent saw, whatever came since.

        The case then waits for the citizen, or is in progress.
        """
        if case.state not in _OPEN:
            return _refused(case, command, "case-closed")
        outbound = self._context.outbound.get(command.outbound_id)
        if outbound is None or outbound.filed != case.case_id:
            return _refused(case, command, "unknown-message")
        if command.answers is not None and not self._context.has_message(case, command.answers):
            return _refused(case, command, "unknown-message")
        who = {"by": command.issued_by}
        to = {"outbound_id": command.outbound_id, "answers": command.answers}
        asked = happened(case, ReplyRequested, command.event_id, command.occurred_at, **to, **who)
        state = CaseState.WAITING_FOR_CITIZEN if command.awaits_answer else CaseState.IN_PROGRESS
        return moved(asked, state, command.event_id, command.occurred_at, **who)

    def reroute(self, case: CaseRecord, command: RerouteCase) -> CaseRecord:
        """Hand the case over, under the new sector's own id of the citizen. No clock restarts."""
        if case.state not in _OPEN:
            return _refused(case, command, "case-closed")
        if command.department not in self._town.departments:
            return _refused(case, command, "unknown-department")
        if command.department == case.department:
            return _refused(case, command, "same-department")
        handed = self._in_department(case, command)
        return happened(
            handed,
            CaseRerouted,
            command.event_id,
            command.occurred_at,
            from_sector=case.sector,
            from_department=case.department,
            by=command.issued_by,
            reason=command.reason,
        )

    def close(self, case: CaseRecord, command: CloseCase) -> CaseRecord:
        """Close the case."""
        if case.state not in _OPEN:
            return _refused(case, command, "case-closed")
        closed = case.model_copy(update={"state": CaseState.CLOSED, "closed_at": command.occurred_at})
        who = {"by": command.issued_by}
        return happened(closed, CaseClosed, command.event_id, command.occurred_at, **who)

    def confirm(self, case: CaseRecord, command: ConfirmSender) -> CaseRecord:
        """Attribute the case to whom the agent recognised; see RememberSenders for what the registry remembers."""
        if case.state not in _OPEN:
            return _refused(case, command, "case-closed")
        if not case.unverified or command.citizen not in {case.citizen, *case.candidates}:
            return _refused(case, command, "unknown-citizen")
        theirs = {"citizen": command.citizen, "candidates": (), "unverified": False}
        who = {"by": command.issued_by}
        return happened(case.model_copy(update=theirs), SenderConfirmed, command.event_id, command.occurred_at, **who)

    def declare_abuse(self, case: CaseRecord, command: DeclareAbuse) -> CaseRecord:
        """Note that no receipt is owed any more to who opened the case, for a time and in its sector."""
        sender = self._sender(command)
        if why := why_not(case, command, sender):
            if sender is not None and (over := unannounced(command, sender)):
                self._let_stand(sender, over)
            return _refused(case, command, why)
        assert sender is not None
        stands = declared(case, command, sender, self._town.abuse_lasts)
        self._let_stand(sender, stands)
        return happened(
            case.model_copy(update={"abusive_until": stands.until}),
            AbuseDeclared,
            command.event_id,
            command.occurred_at,
            by=command.issued_by,
            ground=command.ground,
            until=stands.until,
            reason=command.reason,
        )

    def lift_abuse(self, case: CaseRecord, command: LiftAbuse) -> CaseRecord:
        """Note that receipts are owed again."""
        sender = self._sender(command)
        if why := why_not(case, command, sender):
            return _refused(case, command, why)
        assert sender is not None
        assert sender.declaration is not None
        self._let_stand(sender, lifted(command, sender.declaration))
        who = {"by": command.issued_by}
        cleared = case.model_copy(update={"abusive_until": None})
        return happened(cleared, AbuseLifted, command.event_id, command.occurred_at, **who)

    def renew_link(self, case: CaseRecord, command: RenewLink) -> CaseRecord:
        """Give the citizen a new link for one that has ended. Raises WrongProofError, ErasedError."""
        key = self._context.case_keys.get(case.link.key_id) if case.link else None
        if key is None:
            raise ErasedError(f"case {case.case_id}: its key is gone")
        sure = {
            message: own
            for message, citizen in self._context.verified.items()
            if (own := self._opener.in_sector(Holders(citizen), case.sector).citizen) is not None
        }
        answers = whose_sender_gets_it(case, self._context.answered, sure)
        return renewed(case, command, key, self._town.follow_links_last, answers)

    def record_delivery(self, case: CaseRecord, report: DeliveryChanged) -> CaseRecord:
        """Note what became of an outbound message; what is told late takes nothing back."""
        before = DeliveryState(case.deliveries.get(report.outbound_id, DeliveryState.PENDING))
        state = further(report.state, before)
        known = case.model_copy(
            update={
                "deliveries": _newest(case, {**case.deliveries, report.outbound_id: state}),
                "undecided": undecided_after(case, report),
            }
        )
        about = {"outbound_id": report.outbound_id, "state": report.state}
        return happened(known, DeliveryRecorded, report.event_id, report.occurred_at, **about)

    def settle_delivery(self, case: CaseRecord, command: SettleDelivery) -> CaseRecord:
        """Note what the agent says of a message whose fate is unknown for good, in whatever state the case is."""
        if command.outbound_id not in case.undecided:
            return _refused(case, command, ALREADY_SETTLED)
        return settled(case, command)

    def _sender(self, command: DeclareAbuse | LiftAbuse) -> Sender | None:
        """Return who opened a case, with what this batch has decided of them already."""
        sender = self._context.senders.get((command.case_id, command.sector))
        if sender is None or sender.sender_id not in self.declarations:
            return sender
        return replace(sender, declaration=self.declarations[sender.sender_id])

    def _let_stand(self, sender: Sender, stands: AbuseDeclaration) -> None:
        if stands != sender.declaration:
            self.declarations[sender.sender_id] = stands

    def _in_department(self, case: CaseRecord, command: RerouteCase) -> CaseRecord:
        sector = self._town.sector_of(command.department)
        moved_to: dict[str, Any] = {"department": command.department, "sector": sector, "routing": _BY_AN_AGENT}
        if sector != case.sector:
            owner = self._opener.in_sector(self._still(case, sector), sector)
            moved_to |= {"citizen": owner.citizen, "candidates": owner.candidates, "abusive_until": None}
        return case.model_copy(update=moved_to)

    def _still(self, case: CaseRecord, then: SectorId) -> Holders:
        """Return whose a case is, in the registry's ids: the case says it, not what is known of the address now.

        Nobody's where the registry knows them no more: they are erased, and the case with them.
        then: the sector that the case goes to, whose ids of them the batch's next command may find in the case.
        """
        people = self._people
        citizen = people.get(case.citizen) if case.citizen else None
        candidates = dict.fromkeys(people[own] for own in case.candidates if own in people)
        everybody = [each for each in (citizen, *candidates) if each is not None]
        people.update({self._opener.own_id(then, each): each for each in everybody})
        return Holders(citizen, tuple(candidates), case.unverified)


DECISIONS: dict[type[Event], Callable[[DecideCommand, CaseRecord, Any], CaseRecord]] = {
    SendReply: DecideCommand.reply,
    RerouteCase: DecideCommand.reroute,
    CloseCase: DecideCommand.close,
    ConfirmSender: DecideCommand.confirm,
    DeclareAbuse: DecideCommand.declare_abuse,
    LiftAbuse: DecideCommand.lift_abuse,
    SettleDelivery: DecideCommand.settle_delivery,
    RenewLink: DecideCommand.renew_link,
    DeliveryChanged: DecideCommand.record_delivery,
}


def case_of(command: Event) -> CaseId:
    """Return the case that a command or report is about."""
    assert isinstance(command, CaseCommand | RenewLink | DeliveryChanged)
    return command.case_id


def _is_overtaken(case: CaseRecord, command: CaseCommand) -> bool:
    """Say whether another person wrote or decided after what the command's author was shown.

    What judges the sender is overtaken by agents alone: else who floods the town could not be declared abusive.
    """
    if command.shown is None:
        return False
    by_others = is_overtaken_by_an_agent if isinstance(command, DeclareAbuse | LiftAbuse) else is_overtaken
    return by_others(case.newest, command.shown, command.issued_by)


def _refused(case: CaseRecord, command: CaseCommand, why: str) -> CaseRecord:
    """Note that a command came to nothing, with the reason that its author wrote: their words are not lost."""
    fields: dict[str, Any] = {"command_id": command.event_id, "by": command.issued_by, "why": why}
    if isinstance(command, RerouteCase | DeclareAbuse):
        fields |= {"reason": command.reason}
    return happened(case, CommandRefused, command.event_id, command.occurred_at, **fields)


def _newest(case: CaseRecord, deliveries: dict[str, str]) -> dict[str, str]:
    """Return as many as the case keeps, its receipt's among them; of the others the history tells."""
    others = [outbound for outbound in deliveries if outbound != receipt_id(case.case_id, Purpose.AEE)]
    left = others[: max(0, len(deliveries) - DELIVERIES_KEPT)]
    return {outbound: state for outbound, state in deliveries.items() if outbound not in left}
