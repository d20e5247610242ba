"""One suite for scanned letters, on the twin and on the real MongoDB."""

from collections.abc import Collection
from datetime import timedelta

import pytest

from guichet.contracts.base import Sealed
from guichet.ids import AgentId, DepartmentId, KeyId, LetterId, MessageId
from guichet.mongo.client import connect
from guichet.mongo.ended import MongoEnded
from guichet.runtime.settings import MongoSettings
from guichet.store.letters import ENDS, Filing, Letter, Letters, MongoLetters
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.letters import InMemoryLetters

BOX = Sealed(key_id="key", box=b"box")
ROADS, SOCIAL = DepartmentId("voirie"), DepartmentId("ccas")
LATER = ARRIVED + timedelta(minutes=5)


def a_letter(number: int, batch: str = "b", **replaced: object) -> Letter:
    fields = {
        **{"_id": f"{batch}{number}", "batch": batch, "number": number, "of": 3, "department": ROADS, "pages": 1},
        **{"added_by": "karim", "added_at": ARRIVED, "stamp": "2026-04-29", "sheet": BOX, "scan": BOX},
    }
    return Letter.model_validate(fields | {"previews": (BOX,)} | replaced)


def a_filing(typed: bytes = b"typed") -> Filing:
    sealed = Sealed(key_id="key", box=typed)
    return Filing(message_id=MessageId("m"), by=AgentId("karim"), at=ARRIVED, typed=sealed)


class LettersSuite:
    @pytest.fixture(autouse=True)
    async def _filled(self, letters: Letters) -> None:
        await letters.insert([a_letter(2), a_letter(1), a_letter(1, "other", department=SOCIAL)])

    async def test_a_batch_is_listed_without_scans_to_its_department_alone(self, letters: Letters):
        bare = {"scan": None, "previews": ()}
        whole = [a_letter(1).model_copy(update=bare), a_letter(2).model_copy(update=bare)]
        assert await letters.of_batch([ROADS], "b") == whole
        assert await letters.of_batch([SOCIAL], "b") == await letters.of_batch([], "b") == []
        assert {each.letter_id for each in await letters.waiting([ROADS, SOCIAL])} == {"b1", "b2", "other1"}
        assert await letters.waiting([]) == []
        assert [await letters.count(each) for each in (ROADS, SOCIAL, DepartmentId("sport"))] == [2, 1, 0]
        assert await letters.find([ROADS], "b", 2) == a_letter(2)
        assert await letters.find([SOCIAL], "b", 2) is await letters.find([ROADS], "b", 9) is None

    async def test_departments_where_one_waits_for_long_are_told(self, letters: Letters):
        everybody = [ROADS, SOCIAL, DepartmentId("sport")]
        assert await letters.overdue(everybody, ARRIVED) == frozenset()
        assert await letters.overdue(everybody, LATER) == {ROADS, SOCIAL}
        assert await letters.overdue([ROADS], LATER) == {ROADS}
        await letters.set_aside(LetterId("b1"), LATER)
        await letters.begin(LetterId("b2"), a_filing())
        await letters.finish(LetterId("b2"), LATER)
        assert await letters.overdue(everybody, LATER) == {SOCIAL}

    async def test_what_is_added_again_stays_as_it_was_first(self, letters: Letters):
        await letters.insert([a_letter(1, stamp="2026-05-01")])
        assert await letters.find([ROADS], "b", 1) == a_letter(1)

    async def test_what_was_typed_first_stands_and_goes_with_the_scan_once_it_is_filed(self, letters: Letters):
        one = LetterId("b1")
        for typed in (b"first", b"second"):
            stands = await letters.begin(one, a_filing(typed))
            assert stands is not None
            assert stands.filing == a_filing(b"first")
        assert [each.letter_id for each in await letters.begun(LATER)] == ["b1"]
        assert await letters.begun(ARRIVED) == []
        await letters.finish(one, LATER)
        done = await letters.find([ROADS], "b", 1)
        assert done is not None
        assert (done.scan, done.previews, done.filed_at) == (None, (), LATER)
        assert done.filing == a_filing().model_copy(update={"typed": None})
        assert await letters.begun(LATER + timedelta(days=1)) == []
        assert {each.letter_id for each in await letters.waiting([ROADS])} == {"b2"}

    async def test_what_is_set_aside_is_gone_and_what_is_completed_is_not_set_aside(self, letters: Letters):
        await letters.begin(LetterId("b1"), a_filing())
        for each in ("b1", "b2"):
            await letters.set_aside(LetterId(each), LATER)
        assert [each.letter_id for each in await letters.of_batch([ROADS], "b")] == ["b1"]
        assert await letters.begin(LetterId("b2"), a_filing()) is None
        assert await letters.find([ROADS], "b", 2) is None
        assert await letters.count(ROADS) == 1

    async def test_a_stack_that_is_added_again_brings_back_what_was_set_aside(self, letters: Letters):
        await letters.set_aside(LetterId("b2"), LATER)
        await letters.insert([a_letter(2, stamp="2026-05-01")])
        assert await letters.find([ROADS], "b", 2) == a_letter(2, stamp="2026-05-01")
        assert {each.letter_id for each in await letters.waiting([ROADS])} == {"b1", "b2"}


class TestInMemoryLetters(LettersSuite):
    @pytest.fixture
    def letters(self) -> Letters:
        return InMemoryLetters()


@pytest.mark.real
class TestMongoLetters(LettersSuite):
    @pytest.fixture
    async def letters(self, mongo_server, mongo_database) -> Letters:
        return MongoLetters(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))

    async def test_what_was_set_aside_goes_after_its_key(self, letters: Letters, mongo_server, mongo_database):
        database, destroyed = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)), []

        async def destroy(keys: Collection[KeyId]) -> None:
            destroyed.extend(keys)

        await letters.set_aside(LetterId("b2"), LATER)
        assert await MongoEnded(database, [ENDS], destroy=destroy).remove(LATER) == {"letters": 1}
        assert destroyed == ["key"]
        assert {each["_id"] async for each in database["letters"].find({})} == {"b1", "other1"}

    async def test_the_key_of_what_was_set_aside_and_added_again_goes_all_the_same(
        self, letters: Letters, mongo_server, mongo_database
    ):
        database, destroyed = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)), []

        async def destroy(keys: Collection[KeyId]) -> None:
            destroyed.extend(keys)

        for key in ("again", "once more"):
            await letters.set_aside(LetterId("b2"), LATER)
            await letters.insert([a_letter(2, sheet=Sealed(key_id=key, box=b"box"))])
        assert await MongoEnded(database, [ENDS], destroy=destroy).remove(LATER) == {"letters": 2}
        assert sorted(destroyed) == ["again", "key"]
        assert {each["_id"] async for each in database["letters"].find({})} == {"b1", "b2", "other1"}
