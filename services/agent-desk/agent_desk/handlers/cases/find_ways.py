"""Find by which other ways an answer may reach a case's citizen."""

from dataclasses import dataclass, field

from agent_desk.domain.cases.citizen_card import CitizenCard
from agent_desk.domain.cases.destination import Destination
from agent_desk.domain.cases.other_ways import OtherAddress, chosen, other_ways
from agent_desk.handlers.citizens.citizen_directory import CitizenDirectory
from guichet.case.record import CaseRecord
from guichet.contracts.inbound_content import Identifier
from guichet.ids import MessageId
from guichet.privacy.pseudonyms import keyed_digest
from guichet.town.town import Town


@dataclass(frozen=True)
class WayFinder:
    """Finds them. key: of the marks by which forms and drafts name addresses: one that stays."""

    citizens: CitizenDirectory
    town: Town
    key: bytes = field(repr=False)

    def of(
        self,
        case: CaseRecord,
        card: CitizenCard | None,
        usual: Destination | None,
        answers: MessageId,
    ) -> tuple[OtherAddress, ...]:
        """Return them; see other_ways."""
        return other_ways(case, card, usual, answers, self.town, self._mark)

    async def address(self, case: CaseRecord, way: str) -> Identifier | None:
        """Return to which address a way leads now; None where it is no more, or none is named. Raises TransientError.

        Where that would be the usual one by now, it is that all the same: its agent chose it.
        """
        if not way or case.citizen is None:
            return None
        cards = await self.citizens.cards([(case.sector, case.citizen)])
        found = chosen(self.of(case, cards.get(case.citizen), None, case.answered_at), way)
        return found.to.address if found is not None else None

    def _mark(self, named: str) -> str:
        return keyed_digest(self.key, named.encode())
