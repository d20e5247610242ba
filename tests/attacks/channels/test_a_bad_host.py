"""The ingest host of a third party crashes, ends or hangs: its own channel stands, and nobody waits for it."""

import asyncio
from time import monotonic

import pytest

from guichet_local.stack import LocalStack
from guichet_testing.town.commands import guichet
from guichet_testing.town.third_parties import KITE, VANDAL, ThirdParties
from guichet_testing.town.town import Town
from guichet_testing.until import until
from tests.attacks.channels.others import is_ready, parts, pids, post, while_others_are_served

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]

HOST = f"ingest-{VANDAL}"
OF_GUICHET = ("case-router", "notifier", "ingest-email", "sender-mail")


def test_one_that_ends_at_its_first_line_stops_nothing_else_and_is_told_of(third_parties: ThirdParties) -> None:
    stack = third_parties.stack
    assert [line for line in third_parties.said if line.startswith(f"ingest-{KITE} is not ready: ")]
    seen = parts(stack)
    assert "yes" not in {seen[name].ready for name in (f"ingest-{KITE}", f"sender-{KITE}")}
    assert {seen[name].ready for name in (*OF_GUICHET, HOST, f"ingest-{third_parties.channel.name}")} == {"yes"}


async def test_a_message_over_which_it_crashes_is_put_aside_and_the_next_one_is_taken(
    town: Town, third_parties: ThirdParties
) -> None:
    stack = third_parties.stack
    before = pids(stack, HOST, *OF_GUICHET)
    async with while_others_are_served(town):
        assert await post(stack, do="crash", id="crash-1", **{"from": "crashes"}) == 200
        assert await post(stack, id="fine-1", text="Un banc cassé.", **{"from": "after-a-crash"}) == 200
        await until(lambda: case_count(town, "vandal"), "its case is opened")
    letter = await put_aside(stack)
    (third_parties.orders / "address").write_text(stack.addresses[HOST])
    said = await asyncio.to_thread(guichet, stack, "dead-letters", "replay", letter, "--reason", "once more")
    assert f"replayed to {HOST} on inbound-third-party" in said
    assert await put_aside(stack) != letter, "its host was given it, and crashed over it once more"
    assert pids(stack, HOST, *OF_GUICHET) == before


async def put_aside(stack: LocalStack) -> str:
    """Return the open dead letter of a payload over which the host crashed, once it is listed."""

    async def listed() -> str | None:
        lines = (await asyncio.to_thread(guichet, stack, "dead-letters", "list")).splitlines()
        found = [line.split()[0] for line in lines if {"payload", HOST, "bug"} <= {*line.split()}]
        return found[-1] if found else None

    return await until(listed, "it is listed")


def case_count(town: Town, channel: str) -> int:
    return sum(each["channel"] == channel for each in town.documents("messages"))


async def test_one_that_ends_in_the_middle_of_a_message_is_started_again(
    town: Town, third_parties: ThirdParties
) -> None:
    stack = third_parties.stack
    before, others = pids(stack, HOST), pids(stack, *OF_GUICHET)
    async with while_others_are_served(town):
        assert await post(stack, do="exit", id="exit-1", **{"from": "exits-in-read"}) is None
        await until(lambda: pids(stack, HOST) != before, "it was started again")
        await is_ready(stack, HOST)
    assert await post(stack, id="fine-2", text="Un banc cassé.", **{"from": "after-an-exit"}) == 200
    assert pids(stack, *OF_GUICHET) == others


async def test_one_that_hangs_is_told_of_and_nobody_waits_for_it(town: Town, third_parties: ThirdParties) -> None:
    """Hangs in the middle of a message, is stopped all the same, and hangs again where it is opened."""
    stack, others = third_parties.stack, pids(third_parties.stack, *OF_GUICHET)
    async with while_others_are_served(town):
        assert await post(stack, within=3, do="hang", id="hang-1", **{"from": "hangs"}) is None
        seen = await asyncio.to_thread(parts, stack)
        assert (seen[HOST].state, seen[HOST].ready) in {("running", "no"), ("starting", "no")}
        assert {seen[name].ready for name in OF_GUICHET} == {"yes"}
        began = monotonic()
        await asyncio.to_thread(stack.stop, HOST)
        assert monotonic() - began < 45, "it does not hear SIGTERM, and is killed after 20 s"
        order = third_parties.orders / "hangs-in-open"
        order.touch()
        stack.supervisor.begin(HOST)
        await asyncio.sleep(5)
        seen = await asyncio.to_thread(parts, stack)
        assert (seen[HOST].state, seen[HOST].ready) in {("running", "no"), ("starting", "no")}
        order.unlink()
        await asyncio.to_thread(stack.kill, HOST)
        await is_ready(stack, HOST)
        assert await post(stack, within=3, text="hangs-in-verify", id="hang-2", **{"from": "hangs"}) is None
        await asyncio.to_thread(stack.kill, HOST)
        await is_ready(stack, HOST)
    assert pids(stack, *OF_GUICHET) == others
