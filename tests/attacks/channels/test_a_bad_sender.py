"""The sender of a third party ends, hangs or lies over a letter: that one is in doubt, and nobody else's notices."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from guichet_local.stack import LocalStack
from guichet_testing.town.third_parties import VANDAL, ThirdParties
from guichet_testing.town.town import Town
from guichet_testing.until import PATIENCE_S, until
from tests.attacks.channels.others import parts, pids, while_others_are_served, written

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]

SENDER = f"sender-{VANDAL}"
OF_GUICHET = ("case-router", "notifier", "ingest-email", "sender-mail")
LIES = ("closes", "rubbish", "endless", "never")
CITIZEN = "amina-benali"
TEXT = "Un banc cassé."


@asynccontextmanager
async def nobody_else_notices(town: Town, third_parties: ThirdParties) -> AsyncIterator[None]:
    """Have others served all through the block; at its end their letters are what they were, and Guichet's processes."""
    stack = third_parties.stack
    processes, letters = pids(stack, *OF_GUICHET), letters_of_others(town, state="sent", unpublished=False)
    async with while_others_are_served(town):
        yield
        await asyncio.to_thread(assert_all_are_ready, stack)
    assert pids(stack, *OF_GUICHET) == processes
    assert letters_of_others(town, _id={"$in": [*letters]}) == letters
    assert letters_of_others(town, state={"$nin": ["pending", "sent"]}) == {}


def assert_all_are_ready(stack: LocalStack) -> None:
    seen = parts(stack)
    assert {seen[name].ready for name in OF_GUICHET} == {"yes"}


def letters_of_others(town: Town, **which: object) -> dict[str, dict[str, Any]]:
    found = town.store["guichet"]["deliveries"].find({"lane": {"$ne": VANDAL}, **which})
    return {each["_id"]: each for each in found}


def receipt_for(town: Town, message: str, **which: object) -> dict[str, Any] | None:
    """Return what is known of the receipt for a message, once it is such a one."""
    return town.store["guichet"]["deliveries"].find_one({"answers": message, **which})


async def has_left(town: Town, message: str) -> None:
    await until(lambda: receipt_for(town, message, state="sent"), "its receipt has left")


async def waits(town: Town, message: str) -> None:
    """Return once it was tried in vain: nothing was handed over, so there is no doubt."""
    in_vain = {"state": "pending", "attempts": {"$gt": 0}, "held_by": {"$exists": False}, "copies": 0}
    await until(lambda: receipt_for(town, message, **in_vain), "it waits")


async def is_left_to_an_agent(town: Town, message: str, *reasons: str) -> None:
    """Return once nobody will learn any more whether the receipt left; it went once."""
    found = await until(lambda: receipt_for(town, message, undecided_since={"$exists": True}), "it is left to an agent")
    assert (found["state"], found["copies"]) == ("unknown", 1)
    assert found["reason"] in reasons
    assert "provider_id" not in found


async def agents_are_asked(town: Town, *messages: str) -> None:
    """Return once the case of each says so: the router has heard of it."""
    store = town.store["guichet"]
    receipts = [each["_id"] for each in store["deliveries"].find({"answers": {"$in": messages}})]
    asked = {"undecided": {"$in": receipts}}
    await until(lambda: store["cases"].count_documents(asked) == len(messages), "an agent is asked about each")


async def test_the_letter_over_which_it_ends_or_hangs_is_in_doubt_and_the_next_ones_wait(
    town: Town, third_parties: ThirdParties
) -> None:
    stack, process = third_parties.stack, pids(third_parties.stack, SENDER)
    async with nobody_else_notices(town, third_parties):
        await has_left(town, await written(stack, "before-it-ends", TEXT))
        ended = await written(stack, "exits", TEXT)
        await is_left_to_an_agent(town, ended, "connection-lost")
        assert pids(stack, SENDER) != process, "it was started again"
        await has_left(town, await written(stack, "after-it-ended", TEXT))
        hung = await written(stack, "hangs", TEXT)
        await until(lambda: hangs(stack), "it hangs")
        behind = await written(stack, "behind-the-hung-one", TEXT)
        await asyncio.to_thread(assert_all_are_ready, stack)
        await waits(town, behind)
        await asyncio.to_thread(stack.kill, SENDER)
        await is_left_to_an_agent(town, hung, "connection-lost", "timed-out")  # on a busy machine it had given up
        await has_left(town, behind)
        await agents_are_asked(town, ended)


async def hangs(stack: LocalStack) -> bool:
    return not await asyncio.to_thread(stack.is_ready, SENDER)


async def test_what_it_answers_or_does_not_concludes_no_letter_of_another_channel(
    town: Town, third_parties: ThirdParties
) -> None:
    """It may say of its own letters what it likes: of one that it was read, by the id of another channel's."""
    stack = third_parties.stack
    theirs = await a_letter_of_another(town, third_parties.channel.name)
    (third_parties.orders / "stolen").write_text(theirs["provider_id"])
    async with nobody_else_notices(town, third_parties):
        unanswered = await written(stack, "waits", TEXT)
        lies = [await written(stack, lie, TEXT) for lie in LIES]
        for each in lies:
            await is_left_to_an_agent(town, each, "connection-lost")
        await has_left(town, await written(stack, "while-another-waits", TEXT))
        stolen, said = await written(stack, "steals", TEXT), {"state": "read", "provider_id": theirs["provider_id"]}
        await until(lambda: receipt_for(town, stolen, **said), "it is believed of its own letter")
        await is_left_to_an_agent(town, unanswered, "timed-out")
        await agents_are_asked(town, *lies)
    assert letters_of_others(town, provider_id=theirs["provider_id"]) == {theirs["_id"]: theirs}
    await has_left(town, await written(stack, "after-all-lies", TEXT))


async def a_letter_of_another(town: Town, channel: str) -> dict[str, Any]:
    """Have a citizen of a third party's channel that works write; return her receipt, once all is said of it."""
    await town.sandbox.send_by(channel, CITIZEN, "Le pigeonnier de la place est fermé.")
    await town.sandbox.wait_for(channel, CITIZEN, timeout=2 * PATIENCE_S)
    left = {"lane": channel, "state": "sent", "unpublished": False}
    return await until(lambda: town.store["guichet"]["deliveries"].find_one(left), "her receipt has left")
