"""Drafts in memory."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from guichet.contracts.base import Sealed
from guichet.errors import TransientError
from guichet.ids import AgentId, CaseId, DepartmentId, DraftId, EventId
from guichet.store.draft import (
    FILE_BYTES_AT_MOST,
    FILES_AT_MOST,
    NOBODY,
    TO_SIGN_AT_MOST,
    TOLD_AT_MOST,
    AttachedFile,
    Draft,
    ToSign,
    draft_of,
    let_go,
)
from guichet.store.drafts import Drafts, Kept
from guichet_testing.twins.holds import from_now, is_free


class InMemoryDrafts(Drafts):
    """Twin of MongoDrafts. away: the store does not answer."""

    def __init__(self) -> None:
        self.drafts: dict[DraftId, Draft] = {}
        self.away = False

    async def put(self, draft: Draft, replaces: str) -> Kept | None:
        self._answer()
        there = self.drafts.get(draft.draft_id)
        if there is not None and not _is_replaceable(there, draft, replaces):
            return None
        self._write(draft)
        return Kept(there)

    async def attach(self, draft: DraftId, once: str, file: AttachedFile) -> bool:
        self._answer()
        there = self.drafts.get(draft)
        if there is None or not _is_typed_into(there, once) or len(there.files) >= FILES_AT_MOST:
            return False
        if sum(each.size_bytes for each in (*there.files, file)) > FILE_BYTES_AT_MOST:
            return False
        self.drafts[draft] = there.model_copy(update={"files": (*there.files, file)})
        return True

    async def detach(self, draft: DraftId, once: str, file: str) -> bool:
        self._answer()
        there = self.drafts.get(draft)
        if there is None or not _is_typed_into(there, once) or file not in _ids(there.files):
            return False
        self.drafts[draft] = there.model_copy(update={"files": _without(there.files, {file})})
        return True

    async def of_case(self, case: CaseId) -> list[Draft]:
        self._answer()
        return [each for each in self.drafts.values() if each.case_id == case]

    async def refused_of(self, author: AgentId, since: datetime) -> list[Draft]:
        self._answer()
        found = [each for each in self.drafts.values() if each.author == author and each.refused]
        late = [each for each in found if each.saved_at > since]
        return sorted(late, key=lambda each: each.saved_at, reverse=True)[:TOLD_AT_MOST]

    async def leave(self, draft: Draft, replaces: str, hold: timedelta = NOBODY) -> bool:
        self._answer()
        there, files = self.drafts.get(draft.draft_id), _ids(draft.leaving.files if draft.leaving else ())
        if there is None or _is_out(there):
            may_leave = not files or (there is not None and _may_leave_anew(there, draft))
        else:
            typed_here = _is_typed_here(there, draft, replaces) and files == _ids(there.files)
            may_leave = typed_here or _may_leave_anew(there, draft)
        if may_leave:
            self._write(_held(draft, hold))
        return may_leave

    async def take_back(self, draft: DraftId, reply: EventId, words: Sealed | None = None) -> bool:
        self._answer()
        there = self.drafts.get(draft)
        if there is None or there.leaving is None or there.leaving.is_taken or there.leaving.reply.event_id != reply:
            return False
        files = (*there.leaving.files, *there.files)
        again = {"leaving": None, "is_over": False, "files": files, "words": words or there.words}
        self.drafts[draft] = there.model_copy(update=again)
        return True

    async def take(self, now: datetime, hold: timedelta) -> Draft | None:
        self._answer()
        leaving = [(each.leaving, each) for each in self.drafts.values() if each.leaving is not None]
        due = [(out.next_at, each) for out, each in leaving if out.next_at <= now and is_free(out.held_until)]
        if not due:
            return None
        first = _held(min(due, key=lambda pair: pair[0])[1], hold)
        assert first.leaving is not None
        taken = first.leaving.model_copy(update={"is_taken": True})
        self.drafts[first.draft_id] = first.model_copy(update={"leaving": taken})
        return self.drafts[first.draft_id]

    def lapse(self) -> None:
        """Let every hold end: who had one is dead."""
        self.drafts = {name: let_go(each) for name, each in self.drafts.items()}

    async def settle(self, draft: Draft, reply: EventId) -> bool:
        self._answer()
        there = self.drafts.get(draft.draft_id)
        if there is None or there.leaving is None or there.leaving.reply.event_id != reply:
            return False
        self._write(let_go(draft))
        if draft.files:
            self.drafts[draft.draft_id] = let_go(draft)
        return True

    async def replace(self, draft: Draft, shown: Collection[str], hold: timedelta = NOBODY) -> bool:
        self._answer()
        there = self.drafts.get(draft.draft_id)
        if there is None or there.is_over or there.once not in shown:
            return False
        self._write(_held(draft, hold))
        return True

    async def to_sign_in(self, departments: Collection[DepartmentId]) -> list[Draft]:
        self._answer()
        waiting = [(each.to_sign.at, each) for each in self.drafts.values() if each.to_sign and not each.is_over]
        found = [(at, each) for at, each in waiting if each.to_sign and each.to_sign.department in departments]
        return [each for _, each in sorted(found, key=lambda pair: pair[0])][:TO_SIGN_AT_MOST]

    async def follow_case(self, draft: DraftId, to_sign: ToSign | None, was: ToSign) -> bool:
        self._answer()
        there = self.drafts.get(draft)
        if there is None or there.is_over or there.to_sign != was:
            return False
        self.drafts[draft] = there.model_copy(update={"to_sign": to_sign})
        return True

    async def sent_back_to(self, author: AgentId) -> list[Draft]:
        self._answer()
        found = [(each.sent_back.at, each) for each in self.drafts.values() if each.sent_back and not each.is_over]
        theirs = [(at, each) for at, each in found if each.author == author]
        return [each for _, each in sorted(theirs, key=lambda pair: pair[0], reverse=True)][:TOLD_AT_MOST]

    async def begun_in(self, author: AgentId, cases: Collection[CaseId]) -> frozenset[CaseId]:
        self._answer()
        found = (self.drafts.get(draft_of(each, author)) for each in cases)
        there = (each for each in found if each is not None and not each.is_over)
        return frozenset(each.case_id for each in there if each.to_sign is None)

    def _write(self, draft: Draft) -> None:
        there = self.drafts.get(draft.draft_id)
        files = there.files if there is not None and not draft.is_over else ()
        self.drafts[draft.draft_id] = draft.model_copy(update={"files": files})

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the drafts are away")


def _held(draft: Draft, hold: timedelta) -> Draft:
    if draft.leaving is None or not hold:
        return draft
    return draft.model_copy(update={"leaving": draft.leaving.model_copy(update={"held_until": from_now(hold)})})


def _ids(files: Iterable[AttachedFile]) -> set[str]:
    return {each.file_id for each in files}


def _without(files: Iterable[AttachedFile], gone: set[str]) -> tuple[AttachedFile, ...]:
    return tuple(each for each in files if each.file_id not in gone)


def _is_replaceable(there: Draft, draft: Draft, replaces: str) -> bool:
    return _is_typed_here(there, draft, replaces) or (_is_out(there) and there.once != draft.once)


def _is_typed_here(there: Draft, draft: Draft, replaces: str) -> bool:
    return not there.is_over and there.once in {draft.once, replaces}


def _is_typed_into(there: Draft, once: str) -> bool:
    return not there.is_over and there.to_sign is None and there.once == once


def _is_out(there: Draft) -> bool:
    return there.is_over and (there.leaving is None or there.leaving.given_at is not None)


def _may_leave_anew(there: Draft, draft: Draft) -> bool:
    return there.leaving is not None and not there.leaving.is_taken and there.once == draft.once
