"""One suite for saved views, on the twin and on the real MongoDB."""

import pytest

from guichet.contracts.base import Sealed
from guichet.ids import AgentId, DepartmentId, KeyId, SavedViewId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.saved_views import MOST, MongoSavedViews, SavedView, SavedViews
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.saved_views import InMemorySavedViews

LEA = AgentId("lea")


def a_view(name: str, box: bytes = b"", **owner: str) -> SavedView:
    sealed = Sealed(key_id=KeyId("k"), box=box)
    return SavedView(_id=SavedViewId(name), list=sealed, changed_at=ARRIVED, changed_by=LEA, **owner)


class SavedViewsSuite:
    async def test_ones_own_and_those_of_departments_are_read(self, views: SavedViews):
        own, shared = a_view("own", owner="lea"), a_view("shared", department="voirie")
        for each in (own, shared, a_view("his", owner="max"), a_view("elsewhere", department="ccas")):
            await views.put(each)
        assert {each.view_id for each in await views.of(LEA, [DepartmentId("voirie")])} == {"own", "shared"}
        assert await views.of(LEA, []) == (own,)

    async def test_all_are_read_however_many_departments_are_full(self, views: SavedViews):
        departments = [DepartmentId(f"service-{number}") for number in range(6)]
        theirs = {(each, number) for each in departments for number in range(MOST)}
        for department, number in theirs:
            await views.put(a_view(f"{department}-{number}", department=department))
        await views.put(a_view("own", owner="lea"))
        found = [each.view_id for each in await views.of(LEA, departments)]
        assert sorted(found) == sorted(["own", *(f"{department}-{number}" for department, number in theirs)])

    async def test_one_takes_the_place_of_what_it_was_and_is_gone_once_removed(self, views: SavedViews):
        now = a_view("own", b"now", owner="lea")
        for each in (a_view("own", b"before", owner="lea"), now):
            await views.put(each)
        assert await views.of(LEA, []) == (now,)
        for _ in range(2):
            await views.remove(SavedViewId("own"), ARRIVED)
        assert await views.of(LEA, []) == ()


class TestInMemorySavedViews(SavedViewsSuite):
    @pytest.fixture
    def views(self) -> SavedViews:
        return InMemorySavedViews()


@pytest.mark.real
class TestMongoSavedViews(SavedViewsSuite):
    @pytest.fixture
    def views(self, mongo_server, mongo_database) -> SavedViews:
        return MongoSavedViews(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
