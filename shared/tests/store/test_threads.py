"""One suite for anchors, on the twin and on the real MongoDB: one of the two locks."""

import asyncio

import pytest

from guichet.ids import AnchorId, CaseId, MessageId
from guichet.mongo.client import Database
from guichet.store.threads.claim import Claim
from guichet.store.threads.sealed_claim import ClaimSealing
from guichet.store.threads.store import CLAIMS_KEPT, ClaimAddition, MongoThreadStore, ThreadDocument, ThreadStore
from guichet_testing.builders.tampered import is_alarmed
from guichet_testing.twins.store.threads import InMemoryThreadStore


def claim(message: str, quoted_by: str | None = None) -> Claim:
    return Claim(case_id=CaseId(f"case of {message}"), claimed_by=MessageId(message), quoted_by=quoted_by)


def thread(anchor: str, message: str = "m1", *more: Claim) -> ThreadDocument:
    return ThreadDocument(_id=AnchorId(anchor), version=1 + len(more), claims=(claim(message), *more))


def new(anchor: str, message: str = "m1") -> ClaimAddition:
    return ClaimAddition(AnchorId(anchor), 0, claim(message))


def further(anchor: str, message: str, version: int = 1, quoted_by: str | None = None) -> ClaimAddition:
    return ClaimAddition(AnchorId(anchor), version, claim(message, quoted_by))


class ThreadStoreSuite:
    async def test_new_anchors_are_found(self, threads: ThreadStore):
        assert await threads.claim_in_order([])
        assert await threads.claim_in_order([new("a"), new("b")])
        assert await threads.find_many(["a", "b", "c"]) == {"a": thread("a"), "b": thread("b")}

    async def test_claims_stop_at_the_first_anchor_that_is_taken(self, threads: ThreadStore):
        await threads.claim_in_order([new("b", "other"), new("d")])
        assert not await threads.claim_in_order([new("a"), new("b"), new("c"), further("d", "m2")])
        there = {"a": thread("a"), "b": thread("b", "other"), "d": thread("d")}
        assert await threads.find_many(["a", "b", "c", "d"]) == there

    async def test_a_claim_made_in_ignorance_of_another_is_refused_and_so_is_all_that_follows(
        self, threads: ThreadStore
    ):
        await threads.claim_in_order([new("a"), new("b"), new("c")])
        assert await threads.claim_in_order([further("a", "m2")])
        assert not await threads.claim_in_order([further("c", "m3"), further("a", "m3"), new("d"), further("b", "m3")])
        assert await threads.find_many(["a", "b", "c", "d"]) == {
            "a": thread("a", "m1", claim("m2")),
            "b": thread("b"),
            "c": thread("c", "m1", claim("m3")),
        }

    async def test_several_claims_on_one_anchor_are_made_one_after_the_other(self, threads: ThreadStore):
        quoting = further("a", "m2", quoted_by="tag")
        assert await threads.claim_in_order([new("a"), new("b"), quoting, further("a", "m3", 2)])
        assert (await threads.find_many(["a"]))["a"] == thread("a", "m1", claim("m2", "tag"), claim("m3"))

    async def test_an_anchor_keeps_its_newest_claims_however_many_are_made(self, threads: ThreadStore):
        made = [new("a", "m0"), *(further("a", f"m{nth}", nth) for nth in range(1, CLAIMS_KEPT + 10))]
        assert await threads.claim_in_order(made)
        found = (await threads.find_many(["a"]))["a"]
        assert found.version == CLAIMS_KEPT + 10
        assert [each.claimed_by for each in found.claims] == [f"m{nth}" for nth in range(10, CLAIMS_KEPT + 10)]

    async def test_a_claim_on_an_anchor_that_was_deleted_meanwhile_is_lost(self, threads: ThreadStore):
        assert not await threads.claim_in_order([further("a", "m2")])

    async def test_what_is_missing_is_inserted_around_what_is_there(self, threads: ThreadStore):
        await threads.claim_in_order([new("b", "other")])
        await threads.insert_missing([thread("a"), thread("b"), thread("c")])
        assert await threads.find_many(["a", "b", "c"]) == {
            "a": thread("a"),
            "b": thread("b", "other"),
            "c": thread("c"),
        }

    async def test_of_many_at_once_one_wins(self, threads: ThreadStore):
        won = await asyncio.gather(*(threads.claim_in_order([new("a", f"m{i}")]) for i in range(8)))
        assert sum(won) == 1
        won = await asyncio.gather(*(threads.claim_in_order([further("a", f"n{i}")]) for i in range(8)))
        assert sum(won) == 1


class TestInMemoryThreadStore(ThreadStoreSuite):
    @pytest.fixture
    def threads(self) -> ThreadStore:
        return InMemoryThreadStore()


@pytest.mark.real
class TestMongoThreadStore(ThreadStoreSuite):
    @pytest.fixture
    def threads(self, database: Database) -> ThreadStore:
        self.resting = database["threads"]
        return MongoThreadStore(database, ClaimSealing(bytes(32), bytes(32)))

    async def test_a_batch_of_answers_is_one_command_and_not_one_for_each_claim(self, threads: ThreadStore):
        """An ordered bulk goes to the server in runs of one kind: 1.4 s for 200 answers, and 80 ms in one run."""
        roots = [f"root-{number}" for number in range(20)]
        assert await threads.claim_in_order([new(root) for root in roots])
        before = await writes_of(self.resting.database)
        each = [claim for root in roots for claim in (further(root, "m2"), new(f"answer-to-{root}"))]
        assert await threads.claim_in_order(each)
        assert await writes_of(self.resting.database) - before < len(roots), (
            "each claim waits for the one before to come back"
        )
        assert not await threads.claim_in_order([further(roots[0], "m3", version=2), new(roots[1])])

    async def test_what_rests_of_claims_says_of_no_case_or_message_that_they_meet(self, threads: ThreadStore):
        one, other = (
            claim("message-1"),
            Claim(case_id=CaseId("case-2"), claimed_by=MessageId("message-2"), quoted_by="quoter-1"),
        )
        anchor = AnchorId("a")
        made = [
            ClaimAddition(anchor, 0, one),
            ClaimAddition(anchor, 1, other),
            ClaimAddition(anchor, 2, claim("message-3")),
        ]
        assert await threads.claim_in_order(made)
        [resting] = await self.resting.find().to_list(None)
        # Names so long that no sealed bytes have one by chance.
        for name in ("case-2", "message-1", "message-2", "message-3", "quoter-1", one.case_id):
            assert name not in str(resting)

    async def test_a_claim_that_was_moved_to_another_anchor_claims_nothing_there(self, threads: ThreadStore):
        """And it stops nobody who quotes that anchor: a message that cannot be looked up would be a dead letter."""
        await threads.claim_in_order([new("a", "m1"), new("b", "m2")])
        moved = await self.resting.find_one({"_id": "a"})
        await self.resting.update_one({"_id": "b"}, {"$set": {"claims": moved["claims"]}})
        assert (await threads.find_many(["b"]))["b"].claims == ()
        assert is_alarmed("thread")


async def writes_of(database: Database) -> int:
    """Return how many commands of writing the server was ever given."""
    commands = (await database.command("serverStatus"))["metrics"]["commands"]
    return sum(commands[each]["total"] for each in ("insert", "update"))
