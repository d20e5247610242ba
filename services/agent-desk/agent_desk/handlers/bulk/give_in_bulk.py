"""Give bulk acts, a few commands at a time, each of them once, whoever is killed in between (docs/decisions/0075).

A case begins to leave before its command is given: from then on it cannot be cancelled, and whoever finds it left
behind gives the same command again, which is the same one to the router. What came of it `commands` says.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from agent_desk.domain.bulk.row_commands import command_id
from agent_desk.domain.bulk.why_not import unsaid_guards, why_not
from agent_desk.domain.decisions.given_command import AWAITED_FOR
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.bulk.authors import AuthorsNow
from agent_desk.handlers.bulk.command import BulkDecisionPorts, Given, give
from agent_desk.handlers.bulk.outcomes import BulkOutcomes
from agent_desk.handlers.bulk.write_answers import BulkAnswers
from guichet.case.record import CaseRecord
from guichet.errors import PermanentError
from guichet.store.audit.trail import Act, AuditEntry
from guichet.store.bulk.acts import BulkAct, BulkActs, BulkKind, BulkState
from guichet.store.bulk.cases import UNDER_WAY, WORDS, BulkCase, BulkCases, RowState
from guichet.store.cases.reader import CaseReader
from guichet.town.town import Town
from guichet.vault.fields import open_one

log = structlog.get_logger()

EVERY: Final = timedelta(seconds=1)
AT_ONCE: Final = 4  # commands a round: 200 take a minute, and whoever decides a single case meanwhile waits for none
HOLD: Final = timedelta(seconds=30)  # a round takes far less: whoever holds one longer is gone


@dataclass(frozen=True, kw_only=True)
class GiveInBulk:
    """Gives one act after the other. clock: aware UTC."""

    acts: BulkActs
    rows: BulkCases
    outcomes: BulkOutcomes
    cases: CaseReader
    authors: AuthorsNow
    ports: BulkDecisionPorts
    answers: BulkAnswers
    town: Town
    clock: Callable[[], datetime]

    async def go_on(self) -> None:
        """Take the act that has waited longest a few steps further. Raises TransientError."""
        act = await self.acts.take(HOLD)
        if act is None:
            return
        if act.state is BulkState.CANCELLED:
            await self.rows.cancel(act.bulk_id)
        await self._ask_outcomes(act)
        leaving = (RowState.LEAVING, RowState.WAITING) if act.state is BulkState.RUNNING else (RowState.LEAVING,)
        commands = 2 if act.kind is BulkKind.REPLY_AND_CLOSE else 1
        for row in await self.rows.in_states(act.bulk_id, leaving, AT_ONCE // commands):
            await self._give(act, row)
        asked = await self.rows.in_states(act.bulk_id, UNDER_WAY, 1)
        waits = act.state is BulkState.RUNNING and await self.rows.in_states(act.bulk_id, (RowState.WAITING,), 1)
        is_done = act.state is BulkState.RUNNING and not (asked or waits)
        state = BulkState.DONE if is_done else act.state
        await self.acts.let_go(act, self.clock(), under_way=bool(asked or waits), state=state)

    async def _ask_outcomes(self, act: BulkAct) -> None:
        given = await self.rows.in_states(act.bulk_id, (RowState.GIVEN,))
        for row in await self.outcomes.ask(act, given):
            if row.given_at is not None and self.clock() - row.given_at > AWAITED_FOR:
                # the page of the act asks for it again
                await self.rows.settle(row, RowState.UNCONFIRMED, is_answered=row.is_answered)

    async def _give(self, act: BulkAct, row: BulkCase) -> None:
        """Give a case's command, or say why not."""
        visitor = await self.authors.of(act.author)
        case = await self.cases.find(visitor.listed.whole, row.case_id) if visitor is not None else None
        why = self._why_not(act, row, visitor, case)
        if visitor is None or case is None or why is not None:
            return await self._leave_out(act, row, why or "not-seen")
        try:
            words = await open_one(self.ports.vault, WORDS.on(row.row_id, row.words)) if row.words else ""
        except PermanentError as exc:
            log.warning("words of a bulk act do not open", bulk_id=act.bulk_id, error=type(exc).__name__)
            return await self._leave_out(act, row, "failed")
        if act.kind.answers and (why := await self.answers.why_not(case, row.answers, words)):
            return await self._leave_out(act, row, why)
        command, now = command_id(act, row), self.clock()
        if row.state is RowState.WAITING and not await self.rows.begin(row.row_id, command, now):
            return None  # cancelled meanwhile, or another process was quicker
        leaving = row.model_copy(update={"state": RowState.LEAVING})
        try:
            await give(Given(act, row, words), visitor, case, self.ports)
        except PermanentError as exc:
            log.warning("one of many not given", bulk_id=act.bulk_id, error=type(exc).__name__)
            return await self.rows.settle(leaving, RowState.REFUSED, "failed")
        return await self.rows.settle(leaving, RowState.GIVEN, given_at=self.clock())  # an outage may have held it

    def _why_not(self, act: BulkAct, row: BulkCase, visitor: Visitor | None, case: CaseRecord | None) -> str | None:
        if visitor is None or case is None:
            return "not-seen"
        if not {*unsaid_guards(act.kind, case, self.town, self.clock())} <= {*row.despite}:
            return "case-changed"
        return why_not(act.kind, case, visitor.listed.whole, self.town)

    async def _leave_out(self, act: BulkAct, row: BulkCase, why: str) -> None:
        """Refuse it; of one that had begun to leave before somebody died, only the router knows whether it did."""
        if row.state is RowState.LEAVING:
            return await self.rows.settle(row, RowState.GIVEN, given_at=self.clock())
        if why == "not-allowed":
            noted = (row.case_id,)
            await self.ports.audit.record(
                AuditEntry(at=self.clock(), agent=act.author, act=Act.NOT_ALLOWED, thing="case", things=noted)
            )
        return await self.rows.settle(row, RowState.REFUSED, why)
