"""One suite for saved answers, on the twin and on the real MongoDB."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from guichet.contracts.base import Sealed
from guichet.ids import AgentId, DepartmentId, KeyId, SavedAnswerId
from guichet.mongo.client import Database, connect
from guichet.mongo.ended import MongoEnded
from guichet.runtime.settings import MongoSettings
from guichet.store import saved_answers, saved_views
from guichet.store.saved_answers import ENDS, MongoSavedAnswers, SavedAnswer, SavedAnswers
from guichet.store.saved_views import MongoSavedViews, SavedView
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.saved_answers import InMemorySavedAnswers

LEA, ROADS = AgentId("lea"), DepartmentId("voirie")


def an_answer(name: str, box: bytes = b"box", key: str = "key", **whose: str) -> SavedAnswer:
    words = Sealed(key_id=key, box=box)
    return SavedAnswer.model_validate(
        {"_id": name, "words": words, "changed_at": ARRIVED, "changed_by": "lea", **whose}
    )


class SavedAnswersSuite:
    async def test_ones_own_and_those_of_departments(self, answers: SavedAnswers):
        own, theirs = an_answer("own", owner=LEA), an_answer("theirs", owner="karim")
        roads, welfare = an_answer("roads", department=ROADS), an_answer("welfare", department="ccas")
        for each in (own, theirs, roads, welfare):
            await answers.insert(each)
        found = await answers.of(LEA, {ROADS})
        assert sorted(found, key=lambda each: each.answer_id) == [own, roads]
        assert await answers.of(AgentId("nobody"), ()) == []

    async def test_one_department_that_has_many_hides_nothing_of_another(
        self, answers: SavedAnswers, monkeypatch: pytest.MonkeyPatch
    ):
        for module in ("guichet.store.saved_answers", "guichet_testing.twins.store.saved_answers"):
            monkeypatch.setattr(f"{module}.MOST", 1)
        roads, parks = an_answer("roads", department=ROADS), an_answer("parks", department="espaces-verts")
        for each in (roads, an_answer("roads too", department=ROADS), parks):
            await answers.insert(each)
        assert await answers.of(LEA, {ROADS, DepartmentId("espaces-verts")}) == [parks, roads]

    async def test_it_is_changed_and_thrown_away(self, answers: SavedAnswers):
        await answers.insert(an_answer("own", owner=LEA))
        await answers.insert(an_answer("own", b"sent again", owner=LEA))
        assert await answers.of(LEA, ()) == [an_answer("own", owner=LEA)]
        await answers.replace(an_answer("own", b"other", owner=LEA))
        await answers.replace(an_answer("gone", owner=LEA))
        assert await answers.of(LEA, ()) == [an_answer("own", b"other", owner=LEA)]
        for _ in range(2):
            await answers.remove(SavedAnswerId("own"), ARRIVED)
        assert await answers.of(LEA, ()) == []


class TestInMemorySavedAnswers(SavedAnswersSuite):
    @pytest.fixture
    def answers(self) -> SavedAnswers:
        return InMemorySavedAnswers()


@pytest.mark.real
class TestMongoSavedAnswers(SavedAnswersSuite):
    @pytest.fixture
    async def answers(self, mongo_server, mongo_database) -> SavedAnswers:
        return MongoSavedAnswers(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))


class KilledError(Exception):
    """The round ended there."""


async def destroyed_by_a_round(database: Database, now: datetime, *, killed: bool = False) -> list[KeyId]:
    """Let one round of gdpr-worker end what is over. killed: once the first keys are destroyed."""
    destroyed: list[KeyId] = []

    async def destroy(keys: Collection[KeyId]) -> None:
        destroyed.extend(keys)
        if killed:
            raise KilledError

    with suppress(KilledError):
        await MongoEnded(database, [saved_answers.ENDS, saved_views.ENDS], destroy=destroy).remove(now)
    return sorted(destroyed)


@pytest.mark.real
class TestMongoKeysOfWhatIsSaidNoMore:
    @pytest.fixture
    async def database(self, mongo_server, mongo_database) -> Database:
        return connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))

    async def test_they_are_destroyed_a_week_later_whoever_is_killed_in_between(self, database: Database):
        answers, over = MongoSavedAnswers(database), ARRIVED + ENDS.kept
        await answers.insert(an_answer("own", key="first", owner=LEA))
        await answers.insert(an_answer("own", key="never stored", owner=LEA))
        for key in ("second", "third"):
            await answers.replace(an_answer("own", key=key, owner=LEA))
        await answers.insert(an_answer("other", key="old", owner=LEA))
        await answers.replace(an_answer("other", key="new", owner=LEA))
        await answers.remove(SavedAnswerId("other"), ARRIVED)

        assert await destroyed_by_a_round(database, over - timedelta(seconds=1)) == []
        assert await destroyed_by_a_round(database, over, killed=True) == ["first", "old", "second"]
        assert await destroyed_by_a_round(database, over) == ["first", "new", "old", "second"]
        assert await destroyed_by_a_round(database, over) == []
        assert await answers.of(LEA, ()) == [an_answer("own", key="third", owner=LEA)]
        assert [each["_id"] async for each in database["saved_answers"].find({})] == ["own"]

    async def test_what_is_kept_twice_keeps_its_key(self, database: Database):
        """A page is sent again, or an old request arrives after a new one: what is in use is nothing of before."""
        answers, views, over = MongoSavedAnswers(database), MongoSavedViews(database), ARRIVED + ENDS.kept
        await answers.insert(an_answer("own", key="first", owner=LEA))
        for key in ("first", "second", "second", "first", "first"):
            await answers.replace(an_answer("own", key=key, owner=LEA))
            sealed = Sealed(key_id=f"list {key}", box=b"")
            await views.put(SavedView(_id="own", owner=LEA, list=sealed, changed_at=ARRIVED, changed_by=LEA))
        assert await destroyed_by_a_round(database, over) == ["list second", "second"]

    async def test_one_removed_by_a_round_that_is_killed_is_removed_by_the_next(self, database: Database):
        answers, over = MongoSavedAnswers(database), ARRIVED + ENDS.kept
        await answers.insert(an_answer("own", owner=LEA))
        await answers.remove(SavedAnswerId("own"), ARRIVED)
        await answers.replace(an_answer("own", key="too late", owner=LEA))
        await answers.insert(an_answer("own", key="sent again", owner=LEA))
        assert await answers.of(LEA, ()) == []
        for killed in (True, False):
            assert await destroyed_by_a_round(database, over, killed=killed) == ["key"]
        assert await database["saved_answers"].count_documents({}) == 0

    async def test_a_view_saved_again_under_a_name_that_was_thrown_away_keeps_its_new_key(self, database: Database):
        views, over = MongoSavedViews(database), ARRIVED + ENDS.kept
        for key in ("first", "second", "third"):
            sealed = Sealed(key_id=key, box=b"")
            view = SavedView(_id="own", owner=LEA, list=sealed, changed_at=ARRIVED, changed_by=LEA)
            await views.put(view)
            if key == "second":
                await views.remove(view.view_id, ARRIVED)
                assert await views.of(LEA, ()) == ()
        assert await destroyed_by_a_round(database, over) == ["first", "second"]
        assert await views.of(LEA, ()) == (view,)
