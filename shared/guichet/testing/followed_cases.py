"""Followed cases in memory."""

from guichet.errors import TransientError
from guichet.store.case_document import CaseDocument
from guichet.store.followed_cases import FollowedCase, followed


class InMemoryFollowedCases:
    """Twin of MongoFollowedCases. away: the store does not answer."""

    def __init__(self, *cases: CaseDocument) -> None:
        self._cases = {case.follow: case for case in cases}
        self.away = False

    async def find(self, follow: str) -> FollowedCase | None:
        """See FollowedCases."""
        if self.away:
            raise TransientError("the cases are away")
        case = self._cases.get(follow)
        return None if case is None else followed(case)
