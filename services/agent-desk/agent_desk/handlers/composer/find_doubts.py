"""Look an answer through before it leaves."""

from dataclasses import dataclass

from agent_desk.domain.cases.case_view import CaseView
from agent_desk.domain.cases.moments import CitizenWrote, TownWrote
from agent_desk.domain.composer.doubts import Doubt, Known, addresses_of, doubts_of
from agent_desk.domain.visitor import Visitor
from agent_desk.handlers.cases.read_cases import ScopedCases
from guichet.case.record import CaseRecord
from guichet.town.town import Town


@dataclass(frozen=True)
class DoubtFinder:
    """Knows what was said in a case, and what the town's own addresses are."""

    cases: ScopedCases
    town: Town

    async def of(self, visitor: Visitor, case: CaseRecord, words: str, *, has_files: bool) -> tuple[Doubt, ...]:
        """Return what is to be looked at. The case is read only where something stands out. Raises TransientError."""
        ours = addresses_of(self.town)
        if not doubts_of(words, Known("", ours), has_files=has_files):
            return ()
        view = await self.cases.read_case(visitor, case)
        return doubts_of(words, Known(_said(view, visitor), ours), has_files=has_files)


def _said(view: CaseView, visitor: Visitor) -> str:
    """Return what was said in a case, and what those are called whom it is about or who work on it."""
    card, said = view.citizen, [view.row.citizen, view.row.subject, *visitor.colleagues.values()]
    if card is not None:
        said += [card.name, *(each.value for each in card.identifiers)]
    if view.answer is not None:
        said.append(view.answer.address.value)
    for item in view.story:
        if isinstance(item, CitizenWrote):
            said += [item.display_name, item.text, *(each.value for each in item.sender)]
        elif isinstance(item, TownWrote):
            said.append(item.text)
    return "\n".join(filter(None, said))
