"""A caller is recognised before anything of a case is said to them, and that is noted (docs/decisions/0064)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.cases.caller import LONGEST_FACT, is_known
from agent_desk.domain.cases.opened_as import opened_as
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.open_sealed import open_words
from guichet.case.record import CaseRecord
from guichet.contracts.inbound_content import InboundContent
from guichet.store.agents.sessions import Sessions
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.messages.store import MessageStore
from guichet.town.staff.profiles import CallerGives
from guichet.vault.ports import KeyOpener


@dataclass(frozen=True, kw_only=True)
class Callers:
    """Recognises callers. gives: what they must give, by the town's choice."""

    messages: MessageStore
    citizens: CitizenDirectory
    opener: KeyOpener
    sessions: Sessions
    audit: AuditTrail
    gives: CallerGives
    clock: Callable[[], datetime]

    async def recognise(self, visitor: Visitor, case: CaseRecord, fact: str) -> bool:
        """Say whether the caller is known, and note it; if so, this session shows the case from then on.

        fact: what they said of themselves beside the reference; asked for where the town wants two facts. It is kept
        nowhere. Raises TransientError.
        """
        known = self.gives == "reference" or await self._is_known(case, fact[:LONGEST_FACT])
        act = Act.CALLER_RECOGNISED if known else Act.CALLER_REFUSED
        await self.audit.record(
            AuditEntry(at=self.clock(), agent=visitor.agent.agent_id, act=act, thing="case", things=(case.case_id,))
        )
        if known:
            await self.sessions.note_caller(visitor.session_id, opened_as(case, visitor.scope))
        return known

    async def _is_known(self, case: CaseRecord, fact: str) -> bool:
        opening = await self.messages.find_many([case.opened_by])
        words = (await open_words(self.opener, opening.values())).values.get(case.opened_by)
        return isinstance(words, InboundContent) and is_known(fact, words, await self._registered(case))

    async def _registered(self, case: CaseRecord) -> str | None:
        if case.citizen is None or case.unverified:
            return None
        card = (await self.citizens.cards([(case.sector, case.citizen)])).get(case.citizen)
        return None if card is None else card.name
