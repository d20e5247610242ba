"""What an agent decides: noted, made durable, handed to the router. Returning means that the broker confirmed it.

Each handler returns the command's id, by which the router's decision is found (`await_outcome`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from agent_desk.domain.composer.answer import Answer
from agent_desk.domain.composer.attachments import SentFile
from agent_desk.domain.decisions.decision import Decision, Sheet
from agent_desk.domain.visitor import Visitor
from guichet.case.record import CaseRecord
from guichet.contracts.abuse import AbuseGround
from guichet.contracts.base import Sealed
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
from guichet.contracts.channels import KnownChannels
from guichet.contracts.delivery import Purpose, Settlement
from guichet.contracts.inbound import Attachment
from guichet.contracts.inbound_content import Identifier
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.contracts.questions import Asked, Question
from guichet.contracts.topics import CASE_COMMANDS
from guichet.contracts.unannounced import Unannounced
from guichet.errors import ErasedError
from guichet.ids import DepartmentId, EventId, MessageId, SectorCitizenId, derive_id
from guichet.kafka.produce.publisher import Publication, Publisher
from guichet.privacy.follow_link import new_question_link
from guichet.privacy.pseudonyms import keyed_digest
from guichet.runtime.telemetry.tracing import span
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.cases.fields import REASON
from guichet.store.messages.document import OUTBOUND_CONTENT, Direction, MessageDocument, OutboundContent
from guichet.store.messages.store import MessageStore
from guichet.store.objects import ObjectStore
from guichet.store.objects import attachment as sealed_file
from guichet.vault.ports import Vault
from guichet.vault.sealing import DataKey

log = structlog.get_logger()


@dataclass(frozen=True)
class DecisionPorts:
    """What a decision needs. digest_key: of the digests that tell two contents of one form apart."""

    messages: MessageStore
    objects: ObjectStore
    vault: Vault
    publisher: Publisher
    audit: AuditTrail
    channels: KnownChannels
    digest_key: bytes
    clock: Callable[[], datetime]

    def decide(self, visitor: Visitor, case: CaseRecord, kind: str, sheet: Sheet, content: str) -> Decision:
        """Return the decision that a form expresses. content: everything it says."""
        digest = keyed_digest(self.digest_key, content.encode())
        return Decision(visitor.agent.agent_id, case.case_id, kind, sheet.once, digest, sheet.shown)


def reply_command(
    visitor: Visitor, case: CaseRecord, answer: Answer, ports: DecisionPorts, *, closes: bool = False
) -> SendReply:
    """Return the command that sends an answer. closes: the case is closed behind it, and the answer says so."""
    decision, at = ports.decide(visitor, case, "reply", answer.sheet, answer.said), ports.clock()
    asked = answer.asks
    return SendReply(
        **decision.given(at),
        outbound_id=decision.outbound_id,
        answers=answer.answers,
        awaits_answer=answer.awaits_answer,
        goes_by=answer.way.to.channel if answer.way is not None else None,
        instead_of=answer.instead_of,
        states=StatedFact(event=FactKind.PIECES_ASKED_FOR, at=at, asked=asked) if asked is not None else None,
        closes=closes,
    )


async def keep_answer(
    case: CaseRecord,
    command: SendReply,
    text: str,
    ports: DecisionPorts,
    files: Sequence[SentFile] = (),
    to: Identifier | None = None,
    asked: Asked | None = None,
) -> None:
    """Keep what an answer says, and its files, sealed under a key of its own; it must be there when its command is
    given. Done again, the first stays.

    to: where its agent chose to send it; without it the router refuses a command that says so. asked: by a form, whose
    link nobody has yet. Raises TransientError.
    """
    (key,) = await ports.vault.new_keys(1)
    attachments = tuple([await _keep_file(command, key, *numbered, ports.objects) for numbered in enumerate(files)])
    names = {kept.attachment_id: file.name for kept, file in zip(attachments, files, strict=True)}
    question = None if asked is None else Question(**dict(asked), secret=new_question_link().secret)
    content = OutboundContent(text=text, attachment_names=names, to=to, question=question)
    answer = MessageDocument(
        _id=command.outbound_id,
        direction=Direction.OUTBOUND,
        channel=command.goes_by or ports.channels.reaching(case.channel).answered_on or case.channel,
        accounts=(case.account,),
        at=command.occurred_at,
        filed=case.case_id,
        sector=case.sector,
        citizen=case.citizen,
        attachments=attachments,
        content=OUTBOUND_CONTENT.seal(key, command.outbound_id, content),
        author=command.issued_by,
        drafted_by=command.drafted_by,
        purpose=Purpose.REPLY,
    )
    if await ports.messages.insert_outbound(answer):
        for each in attachments:  # of the first nothing is lost
            await ports.objects.delete(each.attachment_id)


async def _keep_file(command: SendReply, key: DataKey, place: int, file: SentFile, objects: ObjectStore) -> Attachment:
    """Keep one file. Its id covers the data key: done again, it overwrites nothing that the first one sealed."""
    attachment_id = derive_id("attachment", command.outbound_id, key.key_id, str(place))
    await objects.put(attachment_id, sealed_file(attachment_id).seal(key, command.outbound_id, file.content).box)
    return Attachment(attachment_id=attachment_id, content_type=file.content_type, size_bytes=len(file.content))


async def send_reply(
    visitor: Visitor, case: CaseRecord, answer: Answer, ports: DecisionPorts, *, closes: bool = False
) -> EventId:
    """Keep an answer that goes back to who wrote, then ask the router to send it, at once. Raises TransientError."""
    command = reply_command(visitor, case, answer, ports, closes=closes)
    await keep_answer(case, command, answer.text, ports)
    return await issue(command, Act.REPLIED, ports)


async def reroute_case(
    visitor: Visitor,
    case: CaseRecord,
    *,
    sheet: Sheet,
    department: DepartmentId,
    reason: str,
    ports: DecisionPorts,
    unannounced: Unannounced | None = None,
) -> EventId:
    """Hand a case to another department, the reason sealed under the case's key.

    unannounced: why the citizen is not written to about it. Raises TransientError, ErasedError when the case was erased
    meanwhile.
    """
    decision = ports.decide(visitor, case, "reroute", sheet, f"{department}\n{unannounced or ''}\n{reason}")
    command = RerouteCase(
        **decision.given(ports.clock()),
        department=department,
        reason=await seal_reason(case, decision, reason, ports),
        unannounced=unannounced,
    )
    return await issue(command, Act.REROUTED, ports)


async def close_case(
    visitor: Visitor,
    case: CaseRecord,
    *,
    sheet: Sheet,
    ports: DecisionPorts,
    behind: EventId | None = None,
    unannounced: Unannounced | None = None,
) -> EventId:
    """Say that the department is done with a case; behind: once that answer is taken, which says so. Raises
    TransientError. unannounced: see `reroute_case`.
    """
    why = Unannounced.SAID_BEFORE if behind is not None else unannounced
    command = close_command(visitor, case, sheet=sheet, ports=ports, unannounced=why)
    return await issue(command.model_copy(update={"behind": behind}), Act.CLOSED, ports)


def close_command(
    visitor: Visitor, case: CaseRecord, *, sheet: Sheet, ports: DecisionPorts, unannounced: Unannounced | None
) -> CloseCase:
    """Return the command that says so."""
    given = ports.decide(visitor, case, "close", sheet, unannounced or "").given(ports.clock())
    return CloseCase(**given, unannounced=unannounced)


async def confirm_sender(
    visitor: Visitor, case: CaseRecord, *, sheet: Sheet, citizen: SectorCitizenId, ports: DecisionPorts
) -> EventId:
    """Say who opened a case, after making sure of it by other means than the message. Raises TransientError."""
    decision = ports.decide(visitor, case, "confirm", sheet, citizen)
    command = ConfirmSender(**decision.given(ports.clock()), citizen=citizen)
    return await issue(command, Act.CONFIRMED, ports)


async def declare_abuse(
    visitor: Visitor, case: CaseRecord, *, sheet: Sheet, ground: AbuseGround, reason: str, ports: DecisionPorts
) -> EventId:
    """Declare abusive what a case's sender sends its sector, the reason sealed under the case's key.

    Raises TransientError, ErasedError when the case was erased meanwhile.
    """
    decision = ports.decide(visitor, case, "declare-abuse", sheet, f"{ground}\n{reason}")
    command = DeclareAbuse(
        **decision.given(ports.clock()),
        sector=case.sector,
        ground=ground,
        reason=await seal_reason(case, decision, reason, ports),
    )
    return await issue(command, Act.ABUSE_DECLARED, ports)


async def lift_abuse(visitor: Visitor, case: CaseRecord, *, sheet: Sheet, ports: DecisionPorts) -> EventId:
    """Take back that a case's sender is declared abusive in its sector. Raises TransientError."""
    decision = ports.decide(visitor, case, "lift-abuse", sheet, "")
    command = LiftAbuse(**decision.given(ports.clock()), sector=case.sector)
    return await issue(command, Act.ABUSE_LIFTED, ports)


async def settle_delivery(
    visitor: Visitor,
    case: CaseRecord,
    *,
    sheet: Sheet,
    outbound_id: MessageId,
    settlement: Settlement,
    ports: DecisionPorts,
) -> EventId:
    """Say what holds of a message of which nobody knows whether it left. Raises TransientError."""
    decision = ports.decide(visitor, case, "settle-delivery", sheet, f"{outbound_id}\n{settlement}")
    command = SettleDelivery(**decision.given(ports.clock()), outbound_id=outbound_id, settlement=settlement)
    return await issue(command, Act.DELIVERY_SETTLED, ports)


async def issue(command: CaseCommand, act: Act, ports: DecisionPorts) -> EventId:
    """Note the command before it is given: an act without an entry must not exist. Return its id."""
    entry = AuditEntry(
        at=command.occurred_at,
        agent=command.issued_by,
        act=act,
        thing="case",
        things=(command.case_id, command.event_id),
    )
    with span(type(command).__name__):
        await ports.audit.record(entry)
        await ports.publisher.publish(Publication(CASE_COMMANDS, command))
        log.info("command given", command_id=command.event_id, case_id=command.case_id, kind=type(command).__name__)
    return command.event_id


async def seal_reason(case: CaseRecord, decision: Decision, reason: str, ports: DecisionPorts) -> Sealed:
    """Return an agent's words, sealed under the case's key. Raises TransientError, ErasedError."""
    key = await _case_key(case, ports)
    return REASON.called(decision.command_id).seal(key, case.case_id, reason)


async def _case_key(case: CaseRecord, ports: DecisionPorts) -> DataKey:
    """Return the case's own key; a case without subject (SMS, chat) has sealed nothing yet and gets one."""
    if case.subject is None:
        (key,) = await ports.vault.new_keys(1)
        return key
    keys = await ports.vault.open_keys([case.subject.key_id])
    if case.subject.key_id not in keys:
        raise ErasedError(f"case {case.case_id} was erased")
    return keys[case.subject.key_id]
