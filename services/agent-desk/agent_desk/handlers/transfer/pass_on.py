"""An agent passes a request on to another administration, and tells the person (docs/law.md 16, R6)."""

from dataclasses import dataclass
from datetime import date

from agent_desk.domain.cases.answer_addresses import Sending
from agent_desk.domain.cases.destination import Destination, reason_against
from agent_desk.domain.composer.answer import Answer
from agent_desk.domain.composer.four_eyes import sends_alone
from agent_desk.domain.decisions.sensitive_answer import may_go
from agent_desk.domain.transfer.transfer_form import TransferForm, moment_of
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.await_outcome import Outcome, Outcomes
from agent_desk.handlers.cases.decide import DecisionPorts, close_case, issue, keep_answer, reply_command
from agent_desk.handlers.cases.find_destination import Destinations
from guichet.case.record import CaseRecord
from guichet.contracts.case_commands import StateFact
from guichet.contracts.case_events import CaseState
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.store.audit.trail import Act
from guichet.town.town import Town


@dataclass(frozen=True)
class PassOn:
    """Gives the commands of a transfer, one behind the other on the case's own key."""

    destinations: Destinations
    outcomes: Outcomes
    ports: DecisionPorts
    town: Town

    async def sending(self, visitor: Visitor, case: CaseRecord, letter: str) -> Sending | None:
        """Return where the letter goes; None: it cannot leave from here, and the person is told otherwise.

        Not where the answer would be looked at twice: at an address at which the citizen is not known, or by a
        colleague who signs it; nor from a closed case. Raises TransientError.
        """
        sending = await self.destinations.of(case, None)
        to: Destination | None = sending.now
        if (
            case.state is CaseState.CLOSED
            or to is None
            or to.elsewhere
            or reason_against(to, case.channel, self.town) is not None
        ):
            return None
        if not sends_alone(visitor.scope, case, self.town) or not may_go(case, to, letter, self.town):
            return None
        return sending

    async def state(
        self, visitor: Visitor, case: CaseRecord, typed: TransferForm, kind: FactKind, day: date, to: str | None = None
    ) -> Outcome:
        """State that it was passed on, or that the person was told, on a day. Raises TransientError."""
        since, now = self.outcomes.position, self.ports.clock()
        decision = self.ports.decide(visitor, case, "state-fact", typed.sheet, f"{kind}\n{day}\n{to or ''}")
        fact = StatedFact(event=kind, at=moment_of(day, case.received_at, now), to=to)
        command = await issue(StateFact(**decision.given(now), fact=fact), Act.FACT_STATED, self.ports)
        return await self.outcomes.heard(command, since)

    async def send(
        self, visitor: Visitor, case: CaseRecord, typed: TransferForm, letter: str, sending: Sending
    ) -> Outcome:
        """Let the letter leave: once it has, the person was told. Raises TransientError."""
        since = self.outcomes.position
        command = reply_command(visitor, case, Answer(typed.sheet, letter, sending.answers), self.ports)
        announces = StatedFact(event=FactKind.TRANSFER_ANNOUNCED, at=command.occurred_at)
        command = command.model_copy(update={"states": announces})
        await keep_answer(case, command, letter, self.ports)
        given = await issue(command, Act.REPLIED, self.ports)
        outcome = await self.outcomes.heard(given, since)
        if typed.closes and outcome.refused is None:
            await close_case(visitor, case, sheet=typed.sheet, ports=self.ports, behind=given)
        return outcome
