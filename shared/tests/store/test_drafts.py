"""One suite for drafts, on the twin and on the real MongoDB."""

import pytest

from guichet.contracts.base import Sealed
from guichet.ids import CaseId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.drafts import Draft, Drafts, MongoDrafts
from guichet_testing.builders.case import ARRIVED
from guichet_testing.twins.store.drafts import InMemoryDrafts

CASE = CaseId("case")


def a_draft(once: str = "a", words: bytes | None = b"box", **replaced: object) -> Draft:
    fields = {"case_id": CASE, "author": "lea", "once": once, "begun_at": ARRIVED, "saved_at": ARRIVED}
    sealed = Sealed(key_id="key", box=words) if words is not None else None
    return Draft.model_validate({"_id": "draft", "words": sealed, **fields, **replaced})


class DraftsSuite:
    async def test_it_is_kept_and_kept_anew_from_the_same_form(self, drafts: Drafts):
        assert await drafts.put(a_draft(), "")
        assert await drafts.put(a_draft(words=b"more"), "")
        assert await drafts.of_case(CASE) == [a_draft(words=b"more")]
        assert await drafts.of_case(CaseId("other")) == []

    async def test_another_form_keeps_its_own_over_it_only_where_it_showed_it(self, drafts: Drafts):
        await drafts.put(a_draft("a"), "")
        assert not await drafts.put(a_draft("b"), "")
        assert await drafts.of_case(CASE) == [a_draft("a")]
        assert await drafts.put(a_draft("b"), "a")
        assert not await drafts.put(a_draft("a"), "")
        assert await drafts.of_case(CASE) == [a_draft("b")]

    async def test_a_save_that_comes_after_the_end_brings_nothing_back(self, drafts: Drafts):
        over = a_draft("a", words=None, is_over=True)
        assert await drafts.put(over, "")
        assert not await drafts.put(a_draft("a"), "a")
        assert await drafts.of_case(CASE) == [over]
        assert await drafts.put(a_draft("b"), "")
        assert await drafts.of_case(CASE) == [a_draft("b")]


class TestInMemoryDrafts(DraftsSuite):
    @pytest.fixture
    def drafts(self) -> Drafts:
        return InMemoryDrafts()


@pytest.mark.real
class TestMongoDrafts(DraftsSuite):
    @pytest.fixture
    async def drafts(self, mongo_server, mongo_database) -> Drafts:
        return MongoDrafts(connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database)))
