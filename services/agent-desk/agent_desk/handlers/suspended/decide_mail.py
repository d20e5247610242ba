"""What an agent decides about suspended mail: noted, handed to the router, and asked for by its outcome.

No case tells what became of such a command, and so no event: the store is asked, a few times at most.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from agent_desk.domain.decisions.mail_decision import RELEASED, SPAM, MailDecision
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.await_outcome import UNDER_WAY, Outcome, Outcomes
from guichet.clock import Sleep
from guichet.contracts.case_commands import ConfirmSpam, MailCommand, ReleaseMail
from guichet.contracts.topics import CASE_COMMANDS
from guichet.errors import TransientError
from guichet.ids import EventId, MessageId
from guichet.kafka.produce.publisher import Publication, Publisher
from guichet.runtime.telemetry.tracing import span
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail

log = structlog.get_logger()

COMMANDS: Final[dict[str, tuple[type[MailCommand], Act]]] = {
    RELEASED: (ReleaseMail, Act.MAIL_RELEASED),
    SPAM: (ConfirmSpam, Act.SPAM_CONFIRMED),
}
FIRST_PAUSE: Final = timedelta(milliseconds=50)  # the router takes about as long; each further pause is twice as long


@dataclass(frozen=True, kw_only=True)
class MailDecisions:
    """Gives commands about suspended mail. patience: how long an agent waits to hear what became of one."""

    publisher: Publisher
    audit: AuditTrail
    outcomes: Outcomes
    patience: timedelta
    clock: Callable[[], datetime]
    sleep: Sleep

    async def give(self, visitor: Visitor, message: MessageId, kind: str, once: str) -> EventId:
        """Note a decision, then ask the router for it; return its id. Raises TransientError.

        kind: RELEASED or SPAM. once: from the form.
        """
        decision = MailDecision(visitor.agent.agent_id, message, kind, once)
        of_kind, act = COMMANDS[kind]
        command = of_kind(**decision.given(self.clock()))
        entry = AuditEntry(
            at=command.occurred_at,
            agent=command.issued_by,
            act=act,
            thing="suspended-mail",
            things=(command.message_id, command.event_id),
        )
        with span(of_kind.__name__):
            await self.audit.record(entry)
            await self.publisher.publish(Publication(CASE_COMMANDS, command))
            log.info("command given", command_id=command.event_id, message_id=message, kind=of_kind.__name__)
        return command.event_id

    async def outcome(self, command: EventId) -> Outcome:
        """Return what becomes of a command that was given, under way if that is not known in time."""
        pause, left = FIRST_PAUSE, self.patience
        try:
            while not (outcome := await self.outcomes.of(command)).is_decided and left > timedelta(0):
                await self.sleep(min(pause, left))
                pause, left = 2 * pause, left - pause
        except TransientError as exc:  # the command is given: the page will say what became of it
            log.warning("outcome not found for now", command_id=command, error=str(exc))
            return UNDER_WAY
        return outcome
