"""Scanned letters in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime

from guichet.errors import TransientError
from guichet.ids import DepartmentId, LetterId
from guichet.store.letters import WAITING_AT_MOST, Filing, Letter, Letters, left_of


class InMemoryLetters(Letters):
    """Twin of MongoLetters. away: the store does not answer."""

    def __init__(self) -> None:
        self.letters: dict[LetterId, Letter] = {}
        self.away = False

    async def insert(self, letters: Sequence[Letter]) -> None:
        self._answer()
        for letter in letters:
            known = self.letters.get(letter.letter_id)
            if known is not None and known.set_aside_at is not None:
                left = left_of(letter.letter_id, known.sheet.key_id)
                self.letters[left] = known.model_copy(update={"letter_id": left})
            if known is None or known.set_aside_at is not None:
                self.letters[letter.letter_id] = letter

    async def waiting(self, departments: Collection[DepartmentId]) -> Sequence[Letter]:
        self._answer()
        theirs = [each for each in self._there if each.department in departments and each.filed_at is None]
        return [_bare(each) for each in sorted(theirs, key=lambda each: each.added_at)]

    async def count(self, department: DepartmentId) -> int:
        return min(WAITING_AT_MOST, len(await self.waiting([department])))

    async def overdue(self, departments: Collection[DepartmentId], before: datetime) -> frozenset[DepartmentId]:
        return frozenset(each.department for each in await self.waiting(departments) if each.added_at < before)

    async def of_batch(self, departments: Collection[DepartmentId], batch: str) -> Sequence[Letter]:
        self._answer()
        theirs = [each for each in self._there if each.department in departments and each.batch == batch]
        return [_bare(each) for each in sorted(theirs, key=lambda each: each.number)]

    async def find(self, departments: Collection[DepartmentId], batch: str, number: int) -> Letter | None:
        self._answer()
        return next(
            (
                each
                for each in self._there
                if (each.batch, each.number) == (batch, number) and each.department in departments
            ),
            None,
        )

    async def begin(self, letter: LetterId, filing: Filing) -> Letter | None:
        self._answer()
        known = next((each for each in self._there if each.letter_id == letter), None)
        if known is not None and known.filing is None:
            known = self.letters[letter] = known.model_copy(update={"filing": filing})
        return known

    async def begun(self, before: datetime) -> Sequence[Letter]:
        self._answer()
        return [each for each in self.letters.values() if each.filing and each.filing.at < before and not each.filed_at]

    async def finish(self, letter: LetterId, at: datetime) -> None:
        self._answer()
        known = self.letters[letter]
        if known.filing is not None:
            filing = known.filing.model_copy(update={"typed": None})
            gone = {"scan": None, "previews": (), "filing": filing, "filed_at": at}
            self.letters[letter] = known.model_copy(update=gone)

    async def set_aside(self, letter: LetterId, at: datetime) -> None:
        self._answer()
        for known in self._there:
            if known.letter_id == letter and known.filing is None:
                gone = {"scan": None, "previews": (), "set_aside_at": at}
                self.letters[letter] = known.model_copy(update=gone)

    @property
    def _there(self) -> list[Letter]:
        return [each for each in self.letters.values() if each.set_aside_at is None]

    def _answer(self) -> None:
        if self.away:
            raise TransientError("the letters are away")


def _bare(letter: Letter) -> Letter:
    filing = letter.filing and letter.filing.model_copy(update={"typed": None})
    return letter.model_copy(update={"scan": None, "previews": (), "filing": filing})
