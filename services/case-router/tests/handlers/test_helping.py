"""What another router began and has not finished, or finishes just now."""

import pytest

from guichet.errors import TransientError
from guichet.kafka.records import Received
from guichet_testing.twins.store.cases.store import InMemoryCaseStore
from guichet_testing.twins.store.threads import InMemoryThreadStore

ALICE, BOB, MALLORY = "alice@courriel.example", "bob@courriel.example", "mallory@ailleurs.example"


class DyingCaseStore(InMemoryCaseStore):
    """Dies before the first insertion: claims are made, cases are not."""

    def __init__(self) -> None:
        super().__init__()
        self.dies = True

    async def insert_new(self, cases):
        if self.dies:
            self.dies = False
            raise TransientError("killed here")
        return await super().insert_new(cases)


class HurriedCaseStore(InMemoryCaseStore):
    """Answers the first look for cases as if the other router wrote them only a moment later."""

    def __init__(self, cases) -> None:
        super().__init__()
        self.cases = cases
        self.too_early = True

    async def find_many(self, cases):
        if self.too_early:
            self.too_early = False
            return {}
        return await super().find_many(cases)


class OvertakenThreadStore(InMemoryThreadStore):
    """Between its first answer and the claims that follow from it, another router files something."""

    def __init__(self, threads, other_files) -> None:
        super().__init__()
        self.threads = threads
        self.other_files = [other_files]

    async def find_many(self, anchors):
        found = await super().find_many(anchors)
        while self.other_files:
            await self.other_files.pop()()
        return found


async def killed_after_its_claims(world, *events):
    world.cases = DyingCaseStore()
    with pytest.raises(TransientError):
        await world.take(*events)
    assert not world.cases.cases
    assert world.threads.threads


async def test_a_claimed_case_that_was_never_written_is_written_by_whoever_needs_it(world):
    root = await world.mail("m", ALICE)
    await killed_after_its_claims(world, root)
    answer = await world.mail("a", ALICE, in_reply_to=["m@courriel.example"])
    await world.take(answer)
    assert world.case_of(answer) == world.case_of(root)
    assert world.case_of(root).opened_by == root.message_id
    await world.take(root)
    world.check()


async def test_a_chain_of_such_cases_is_followed_to_its_end(world):
    first = await world.mail("a", ALICE, references=["r@x.example"])
    second = await world.mail("b", ALICE, in_reply_to=["a@courriel.example"])
    await killed_after_its_claims(world, first, second)
    third = await world.mail("c", ALICE, in_reply_to=["b@courriel.example"])
    await world.take(third)
    assert len(world.cases.cases) == 1
    world.check()


async def test_pins_hold_whatever_message_is_asked_about_first(world):
    """The later mail quotes the earlier one, opened the case, and comes first again."""
    earlier = await world.mail("a", ALICE, references=["r@x.example"])
    later = await world.mail("b", ALICE, references=["r@x.example", "a@courriel.example"])
    await killed_after_its_claims(world, later, earlier)
    await world.take(later, earlier)
    assert len(world.cases.cases) == 1
    assert world.case_of(earlier).opened_by == later.message_id
    world.check()


async def test_a_case_written_between_two_readings_is_found(world):
    root = await world.mail("m", ALICE)
    await world.take(root)
    world.cases = HurriedCaseStore(world.cases.cases)
    answer = await world.mail("a", ALICE, in_reply_to=["m@courriel.example"])
    await world.take(answer)
    assert world.case_of(answer) == world.case_of(root)
    world.check()


async def test_a_claim_that_leads_nowhere_any_more_is_passed_over(world):
    """The claiming message was erased before its case was written."""
    root = await world.mail("m", ALICE)
    await killed_after_its_claims(world, root)
    world.messages.messages.clear()
    answer = await world.mail("a", ALICE, in_reply_to=["m@courriel.example"])
    await world.take(answer)
    assert world.case_of(answer).opened_by == answer.message_id
    world.check()


async def test_a_root_that_another_router_files_meanwhile_splits_no_thread(world):
    """A stranger has quoted the answer before it came, so its anchor is there; the root's is not. Whoever made its own
    claim before that on the root would be bound to a case of its own when the other router takes the root.
    """
    root = await world.mail("r", ALICE, to=[BOB])
    answer = await world.mail("m", BOB, to=[ALICE], references=["r@courriel.example"])
    await world.take(await world.mail("q", MALLORY, references=["m@courriel.example"]))
    other, as_read = world.router(), Received(root, "inbound-email", 0, 0)
    world.threads = OvertakenThreadStore(world.threads.threads, lambda: other.handle([as_read]))
    await world.take(answer)
    assert world.case_of(answer) == world.case_of(root)
    world.check()
