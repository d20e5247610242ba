"""The sender of a third party ends, lies or never answers: its letters are in doubt, and no other lane knows of it."""

import asyncio

import psutil
import pytest

from guichet_testing.town.desk_client import signed_in
from guichet_testing.town.third_parties import VANDAL, ThirdParties
from guichet_testing.town.town import Town
from guichet_testing.until import PATIENCE_S, until
from tests.attacks.channels.others import is_ready, pids, while_others_are_served, written

pytestmark = [pytest.mark.real, pytest.mark.timeout(500)]

SENDER = f"sender-{VANDAL}"
BAD = ("closes", "rubbish", "endless", "never", "exits", "waits")
NOBODY_KNOWS = "Personne ne sait si ce message est parti."
MEMORY = 150 * 1024 * 1024  # an endless answer has 7 MiB


async def becomes(town: Town, message: str, state: str) -> None:
    """Return once this is what is known of the one receipt that a message was to get."""

    def is_known() -> bool:
        found = [each for each in town.documents("deliveries") if each["answers"] == message]
        return ["undecided" if "undecided_since" in each else each["state"] for each in found] == [state]

    await until(is_known, f"the receipt is {state}", seconds=4 * PATIENCE_S)


async def test_what_a_bad_sender_does_to_a_letter_puts_that_letter_in_doubt(
    town: Town, third_parties: ThirdParties
) -> None:
    stack, before = third_parties.stack, pids(third_parties.stack, "notifier", "sender-mail", "case-router")
    await is_ready(stack, SENDER)
    await becomes(town, await written(stack, "honest", "Une demande sans histoire."), "sent")
    honest = next(each for each in town.documents("deliveries") if each.get("provider_id", "").startswith("vandal-"))
    (third_parties.orders / "stolen").write_text(honest["provider_id"])  # what `settle` says of every doubt
    notifier = psutil.Process(before["notifier"])
    held = notifier.memory_info().rss
    async with while_others_are_served(town):
        messages = [await written(stack, each, f"Une demande de {each}.") for each in BAD]
        for message in messages:
            await becomes(town, message, "undecided")
    assert notifier.memory_info().rss - held < MEMORY
    assert pids(stack, *before) == before
    async with signed_in(stack, "karim.haddad") as desk:
        case = await until(lambda: desk.case_of("Une demande de rubbish."), "the desk shows it")
        assert NOBODY_KNOWS in (await desk.read(case))[1]


async def test_a_sender_that_hangs_holds_up_its_own_lane_alone(town: Town, third_parties: ThirdParties) -> None:
    stack, before = third_parties.stack, pids(third_parties.stack, "notifier", "sender-mail")
    await is_ready(stack, SENDER)
    await written(stack, "hangs", "Une demande de plus.")
    async with while_others_are_served(town):
        await until(lambda: asyncio.to_thread(lambda: not stack.is_ready(SENDER)), "it hangs")
        await asyncio.sleep(3)
    (third_parties.orders / "stolen").unlink(missing_ok=True)
    await asyncio.to_thread(stack.kill, SENDER)
    await is_ready(stack, SENDER)
    assert pids(stack, *before) == before
