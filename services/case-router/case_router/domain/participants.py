"""Who takes part in a case's thread, told by tags that only this case has. Pure.

A tag that were the same in two cases would join a person's cases of two sectors (docs/decisions/0014): what rests is
keyed by the case. In memory a person is the same wherever they write (guichet.privacy.pseudonyms.person_tag).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from guichet.case.case import PARTICIPANTS_AT_MOST
from guichet.contracts.inbound_content import Identifier
from guichet.ids import CaseId
from guichet.privacy.normal_form import comparable
from guichet.privacy.pseudonyms import participant_tag, person_tag


@dataclass(frozen=True)
class Participants:
    """Makes tags and compares with them. thread_key: see case_router.domain.keys."""

    thread_key: bytes = field(repr=False)

    def tag(self, case: CaseId, person: str) -> str:
        """Return what a case keeps of a person. person: their tag in memory."""
        return participant_tag(self.thread_key, case, person)

    def at(self, case: CaseId, address: Identifier) -> str:
        """Return what a case keeps of whoever is reached at an address."""
        return self.tag(case, person_tag(self.thread_key, address.kind, comparable(address)))

    def first_of(self, case: CaseId, sender: str | None, people: Iterable[str]) -> tuple[str, ...]:
        """Return what a new case keeps: of its sender surely, of the others as many as there is room for."""
        tags = {person: self.tag(case, person) for person in people}
        if len(tags) <= PARTICIPANTS_AT_MOST:
            return tuple(sorted(tags.values()))
        own = [tags.pop(sender)] if sender in tags else []
        return tuple(sorted((*own, *sorted(tags.values()))[:PARTICIPANTS_AT_MOST]))

    def tags(self, case: CaseId, people: Iterable[str]) -> frozenset[str]:
        """Return what a case keeps of each."""
        return frozenset(self.tag(case, person) for person in people)
