"""Whether a sender's messages may be declared abusive, and what then stands. Pure (docs/decisions/0025)."""

from dataclasses import dataclass
from datetime import timedelta

from guichet.case.lifecycle import Verb, may
from guichet.case.record import CaseRecord
from guichet.contracts.authorship import Proof
from guichet.contracts.case_commands import DeclareAbuse, LiftAbuse
from guichet.store.abuse_declarations import AbuseDeclaration


@dataclass(frozen=True)
class Sender:
    """Who opened a case. sender_id: the sector's own. proof: how far they are vouched for."""

    sender_id: str
    proof: Proof
    declaration: AbuseDeclaration | None = None  # what stands, or stood last


def why_not(case: CaseRecord, command: DeclareAbuse | LiftAbuse, sender: Sender | None) -> str | None:
    """Return why the command comes to nothing, or None. What it has already brought about is no reason."""
    if not may(Verb.JUDGE, case.state):
        return "case-closed"
    if command.sector != case.sector:  # its author judged for another sector
        return "case-moved"
    if sender is None:
        return "unknown-sender"
    standing = sender.declaration
    if standing is not None and standing.command_id == command.event_id:
        return None
    stands = standing is not None and standing.stands(command.occurred_at)
    if isinstance(command, LiftAbuse):
        return None if stands else "not-declared"
    return "already-declared" if stands and standing is not None and standing.covers >= sender.proof else None


def declared(command: DeclareAbuse, sender: Sender, lasts: timedelta) -> AbuseDeclaration:
    """Return what stands once the command is taken, under the version that it was decided on."""
    before = sender.declaration
    if before is not None and before.command_id == command.event_id:  # written; its case was not
        return before
    return AbuseDeclaration(
        _id=sender.sender_id,
        case_id=command.case_id,
        command_id=command.event_id,
        by=command.issued_by,
        ground=command.ground,
        covers=sender.proof,
        declared_at=command.occurred_at,
        until=command.occurred_at + lasts,
        reason=command.reason,
        reason_field=command.event_id,
        version=before.version if before else 0,
    )


def lifted(command: LiftAbuse, standing: AbuseDeclaration) -> AbuseDeclaration:
    """Return the declaration ended by the command; what came before it is still concerned."""
    return standing.model_copy(update={"command_id": command.event_id, "until": command.occurred_at})


def unannounced(command: DeclareAbuse, sender: Sender) -> AbuseDeclaration | None:
    """Return what a refused command has written all the same, ended: nobody is told of it, so it must not stand.

    Its case was handed over before the case itself could be written.
    """
    standing = sender.declaration
    if standing is None or standing.command_id != command.event_id:
        return None
    return standing.model_copy(update={"until": command.occurred_at})
