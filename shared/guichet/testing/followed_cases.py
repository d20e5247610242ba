"""Followed cases in memory."""

from guichet.errors import TransientError
from guichet.store.case_document import CaseDocument
from guichet.store.followed_cases import FollowedCase, followed


class InMemoryFollowedCases:
    """Twin of MongoFollowedCases. by_follow: what a case stores of its link → the case. away: nothing answers."""

    def __init__(self, *cases: CaseDocument) -> None:
        self.by_follow = {case.follow: case for case in cases}
        self.away = False

    def put(self, case: CaseDocument) -> None:
        """Keep a case, in place of its former state."""
        self.by_follow[case.follow] = case

    async def find(self, follow: str) -> FollowedCase | None:
        """See FollowedCases."""
        if self.away:
            raise TransientError("the cases are away")
        case = self.by_follow.get(follow)
        return None if case is None or case.erasing else followed(case)
