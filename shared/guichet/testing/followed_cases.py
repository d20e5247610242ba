"""Followed cases in memory."""

from collections.abc import Iterable

from guichet.ids import CaseId
from guichet.store.followed_cases import FollowedCase, followed
from guichet.testing.cases import InMemoryCaseStore


class InMemoryFollowedCases:
    """Twin of MongoFollowedCases, on the cases of an InMemoryCaseStore."""

    def __init__(self, cases: InMemoryCaseStore) -> None:
        self._store = cases

    async def find_many(self, cases: Iterable[CaseId]) -> list[FollowedCase]:
        """See FollowedCases."""
        return [followed(case) for case in (await self._store.find_many(cases)).values() if not case.erasing]
