"""One suite for saved answers, on the twin and on the real MongoDB."""

import pytest

from guichet.contracts.base import Sealed
from guichet.ids import AgentId, DepartmentId, SavedAnswerId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.saved_answers import MongoSavedAnswers, SavedAnswer, SavedAnswers
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.saved_answers import InMemorySavedAnswers

LEA, ROADS = AgentId("lea"), DepartmentId("voirie")


def an_answer(name: str, box: bytes = b"box", **whose: str) -> SavedAnswer:
    words = Sealed(key_id="key", box=box)
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
            await answers.remove(SavedAnswerId("own"))
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
