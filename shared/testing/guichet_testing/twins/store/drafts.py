"""Drafts in memory."""

from datetime import datetime

from guichet.errors import TransientError
from guichet.ids import AgentId, CaseId, DraftId, EventId
from guichet.store.drafts import TOLD_AT_MOST, Draft, Drafts


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

    async def refused_of(self, author: AgentId, since: datetime) -> list[Draft]:
        self._answer()
        found = [each for each in self.drafts.values() if each.author == author and each.refused]
        late = [each for each in found if each.saved_at > since]
        return sorted(late, key=lambda each: each.saved_at, reverse=True)[:TOLD_AT_MOST]

    async def leave(self, draft: Draft, replaces: str) -> bool:
        self._answer()
        there = self.drafts.get(draft.draft_id)
        if there is not None and not (
            _is_typed_here(there, draft, replaces) or _is_out(there) or _may_leave_anew(there, draft)
        ):
            return False
        self.drafts[draft.draft_id] = draft
        return True

    async def take_back(self, draft: DraftId, reply: EventId) -> bool:
        self._answer()
        there = self.drafts.get(draft)
        if there is None or there.leaving is None or there.leaving.is_taken or there.leaving.reply.event_id != reply:
            return False
        self.drafts[draft] = there.model_copy(update={"leaving": None, "is_over": False})
        return True

    async def take(self, now: datetime, until: datetime) -> Draft | None:
        self._answer()
        due = [each for each in self.drafts.values() if each.leaving is not None and each.leaving.next_at <= now]
        if not due:
            return None
        first = min(due, key=lambda each: each.leaving.next_at if each.leaving else now)
        assert first.leaving is not None
        taken = first.leaving.model_copy(update={"is_taken": True, "next_at": until})
        self.drafts[first.draft_id] = first.model_copy(update={"leaving": taken})
        return self.drafts[first.draft_id]

    async def settle(self, draft: Draft, reply: EventId) -> bool:
        self._answer()
        there = self.drafts.get(draft.draft_id)
        if there is None or there.leaving is None or there.leaving.reply.event_id != reply:
            return False
        self.drafts[draft.draft_id] = draft
        return True

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the drafts are away")


def _is_replaceable(there: Draft, draft: Draft, replaces: str) -> bool:
    return _is_typed_here(there, draft, replaces) or (_is_out(there) and there.once != draft.once)


def _is_typed_here(there: Draft, draft: Draft, replaces: str) -> bool:
    return not there.is_over and there.once in {draft.once, replaces}


def _is_out(there: Draft) -> bool:
    return there.is_over and (there.leaving is None or there.leaving.given_at is not None)


def _may_leave_anew(there: Draft, draft: Draft) -> bool:
    return there.leaving is not None and not there.leaving.is_taken and there.once == draft.once
