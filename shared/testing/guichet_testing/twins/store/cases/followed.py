"""Followed cases in memory."""

from collections.abc import Iterable

from guichet.ids import CaseId
from guichet.store.cases.followed import FollowedCase, FollowedCases, followed, move_or_answer
from guichet_testing.twins.store.cases.store import InMemoryCaseStore


class InMemoryFollowedCases(FollowedCases):
    """Twin of MongoFollowedCases, on the cases of an InMemoryCaseStore and their history."""

    def __init__(self, cases: InMemoryCaseStore) -> None:
        self._store = cases

    async def find_many(self, cases: Iterable[CaseId]) -> list[FollowedCase]:
        found = [case for case in (await self._store.find_many(cases)).values() if not case.erasing]
        entries = {case.case_id: await self._store.history.moves_and_answers([case.case_id]) for case in found}
        return [
            followed(
                case.model_dump(by_alias=True), [move_or_answer(each.model_dump()) for each in entries[case.case_id]]
            )
            for case in found
        ]
