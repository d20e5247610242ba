"""Drafts in memory."""

from guichet.errors import TransientError
from guichet.ids import CaseId, DraftId
from guichet.store.drafts import Draft, Drafts


class InMemoryDrafts(Drafts):
    """Twin of MongoDrafts. away: the store does not answer."""

    def __init__(self) -> None:
        self.drafts: dict[DraftId, Draft] = {}
        self.away = False

    async def put(self, draft: Draft, replaces: str) -> bool:
        self._answer()
        there = self.drafts.get(draft.draft_id)
        if there is not None and not _is_replaceable(there, draft, replaces):
            return False
        self.drafts[draft.draft_id] = draft
        return True

    async def of_case(self, case: CaseId) -> list[Draft]:
        self._answer()
        return [each for each in self.drafts.values() if each.case_id == case]

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the drafts are away")


def _is_replaceable(there: Draft, draft: Draft, replaces: str) -> bool:
    return there.once != draft.once if there.is_over else there.once in {draft.once, replaces}
