"""One suite for anchors, on the twin and on the real MongoDB: one of the two locks."""

import asyncio

import pytest

from guichet.ids import AnchorId, CaseId, MessageId
from guichet.runtime.settings import MongoSettings
from guichet.store.claim import Claim
from guichet.store.claim_sealing import ClaimSealing
from guichet.store.client import connect
from guichet.store.preparation import prepare
from guichet.store.threads import ClaimAddition, MongoThreadStore, ThreadDocument, ThreadStore
from guichet.testing.tampering import is_alarmed
from guichet.testing.threads import InMemoryThreadStore


def claim(message: str, quoted_by: str | None = None) -> Claim:
    return Claim(case_id=CaseId(f"case of {message}"), claimed_by=MessageId(message), quoted_by=quoted_by)


def thread(anchor: str, message: str = "m1") -> ThreadDocument:
    return ThreadDocument(_id=AnchorId(anchor), claims=(claim(message),))


class ThreadStoreSuite:
    async def test_new_anchors_are_found(self, threads: ThreadStore):
        assert await threads.insert_in_order([thread("a"), thread("b")])
        assert await threads.find_many(["a", "b", "c"]) == {"a": thread("a"), "b": thread("b")}

    async def test_insertion_stops_at_the_first_that_is_taken(self, threads: ThreadStore):
        await threads.insert_in_order([thread("b", "other")])
        assert not await threads.insert_in_order([thread("a"), thread("b"), thread("c")])
        assert await threads.find_many(["a", "b", "c"]) == {"a": thread("a"), "b": thread("b", "other")}

    async def test_what_is_missing_is_inserted_around_what_is_there(self, threads: ThreadStore):
        await threads.insert_in_order([thread("b", "other")])
        await threads.insert_missing([thread("a"), thread("b"), thread("c")])
        assert await threads.find_many(["a", "b", "c"]) == {
            "a": thread("a"),
            "b": thread("b", "other"),
            "c": thread("c"),
        }

    async def test_of_many_at_once_one_wins(self, threads: ThreadStore):
        won = await asyncio.gather(*(threads.insert_in_order([thread("a", f"m{i}")]) for i in range(8)))
        assert sum(won) == 1

    async def test_a_further_claim_comes_last(self, threads: ThreadStore):
        await threads.insert_in_order([thread("a"), thread("b")])
        quoting = claim("m2", quoted_by="tag")
        assert await threads.add_claims([ClaimAddition(AnchorId("a"), 1, (quoting,))])
        assert (await threads.find_many(["a"]))["a"].claims == (claim("m1"), quoting)

    async def test_a_claim_made_in_ignorance_of_another_is_refused(self, threads: ThreadStore):
        await threads.insert_in_order([thread("a"), thread("b")])
        assert await threads.add_claims([ClaimAddition(AnchorId("a"), 1, (claim("m2"),))])
        both = [ClaimAddition(AnchorId("a"), 1, (claim("m3"),)), ClaimAddition(AnchorId("b"), 1, (claim("m3"),))]
        assert not await threads.add_claims(both)
        found = await threads.find_many(["a", "b"])
        assert found["a"].claims == (claim("m1"), claim("m2"))
        assert found["b"].claims == (claim("m1"), claim("m3"))
        assert await threads.add_claims([])


class TestInMemoryThreadStore(ThreadStoreSuite):
    @pytest.fixture
    def threads(self) -> ThreadStore:
        return InMemoryThreadStore()


@pytest.mark.real
class TestMongoThreadStore(ThreadStoreSuite):
    @pytest.fixture
    async def threads(self, mongo_server, mongo_database) -> ThreadStore:
        database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
        await prepare(database)
        self.resting = database["threads"]
        return MongoThreadStore(database, ClaimSealing(bytes(32), bytes(32)))

    async def test_what_rests_of_claims_says_of_no_case_or_message_that_they_meet(self, threads: ThreadStore):
        one, other = claim("m1"), Claim(case_id=CaseId("case-2"), claimed_by=MessageId("m2"), quoted_by="tag")
        await threads.insert_in_order([ThreadDocument(_id=AnchorId("a"), claims=(one, other))])
        await threads.add_claims([ClaimAddition(AnchorId("a"), 1, (claim("m3"),))])
        [resting] = await self.resting.find().to_list(None)
        for name in ("case-2", "m1", "m2", "m3", "tag", one.case_id):
            assert name not in str(resting)

    async def test_a_claim_that_was_moved_to_another_anchor_claims_nothing_there(self, threads: ThreadStore):
        """And it stops nobody who quotes that anchor: a message that cannot be looked up would be a dead letter."""
        await threads.insert_in_order([thread("a", "m1"), thread("b", "m2")])
        moved = await self.resting.find_one({"_id": "a"})
        await self.resting.update_one({"_id": "b"}, {"$set": {"claims": moved["claims"]}})
        assert (await threads.find_many(["b"]))["b"].claims == ()
        assert is_alarmed("thread")
