"""Read the express decisions of a case, opened and noted before anything is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.cases.destination import is_hidden
from agent_desk.domain.errors import NotFoundError
from agent_desk.domain.express.decision_document import decision_document
from agent_desk.domain.express.decisions_shown import DecisionsShown, decisions_shown, decisions_taken
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from agent_desk.handlers.open_sealed import open_notes
from guichet.case.record import CaseRecord
from guichet.documents.typeset import Typesetter
from guichet.store.audit.trail import Act, AuditEntry, AuditTrail
from guichet.store.notes import Notes
from guichet.town.town import Town
from guichet.vault.ports import KeyOpener


@dataclass(frozen=True, kw_only=True)
class ExpressDecisions:
    """Of cases that their reader may answer. Every method raises TransientError. clock: aware UTC."""

    notes: Notes
    citizens: CitizenDirectory
    opener: KeyOpener
    typesetting: Typesetter
    audit: AuditTrail
    town: Town
    clock: Callable[[], datetime]

    async def of(self, visitor: Visitor, case: CaseRecord) -> DecisionsShown:
        """Return those that stand."""
        named = [each.words for each in decisions_taken(case)]
        await self._note(visitor, "decision", case.case_id, *named)
        found = await self.notes.find_many(named) if named else {}
        opened = await open_notes(self.opener, [each for each in found.values() if each.case_id == case.case_id])
        return decisions_shown(case, opened.values)

    async def card(self, case: CaseRecord) -> CitizenCard | None:
        """Return the citizen's card, to prefill whom a decision goes to; None where nothing of it may be shown."""
        if case.citizen is None:
            return None
        card = (await self.citizens.cards([(case.sector, case.citizen)])).get(case.citizen)
        return None if is_hidden(case, card) else card

    async def document(self, visitor: Visitor, case: CaseRecord, note_id: str) -> bytes:
        """Return one as PDF. Raises NotFoundError, UntypesetError."""
        taken = (await self.of(visitor, case)).taken
        words = next((each.words for each in taken if each.note_id == note_id), None)
        if words is None:
            raise NotFoundError
        await self._note(visitor, "decision-document", case.case_id, note_id)
        return await self.typesetting.typeset(decision_document(case, words, self.town).typescript())

    async def _note(self, visitor: Visitor, thing: str, *things: str) -> None:
        agent = visitor.agent.agent_id
        await self.audit.record(AuditEntry(at=self.clock(), agent=agent, act=Act.READ, thing=thing, things=things))
