"""Who takes part in a case's thread, told by tags that only this case has. Pure.

A tag that were the same in two cases would join a person's cases of two sectors (docs/decisions/0014): what rests is
keyed by the case. In memory a person is the same wherever they write (guichet.privacy.pseudonyms.person_tag).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from guichet.ids import CaseId
from guichet.privacy.pseudonyms import participant_tag


@dataclass(frozen=True)
class Participants:
    """Makes tags and compares with them. thread_key: see case_router.keys."""

    thread_key: bytes = field(repr=False)

    def tag(self, case: CaseId, person: str) -> str:
        """Return what a case keeps of a person. person: their tag in memory."""
        return participant_tag(self.thread_key, case, person)

    def tags(self, case: CaseId, people: Iterable[str]) -> frozenset[str]:
        """Return what a case keeps of each."""
        return frozenset(self.tag(case, person) for person in people)
