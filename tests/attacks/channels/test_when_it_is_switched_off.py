"""Once a town has switched a bad channel off, its host signs in nowhere, its flood is over, and all else goes on."""

import asyncio

import pytest
from pymongo.errors import OperationFailure

from guichet_testing.town.commands import guichet
from guichet_testing.town.third_parties import VANDAL, ThirdParties
from guichet_testing.town.town import Town
from guichet_testing.until import until
from tests.attacks.channels.others import pids, router_is_through, served
from tests.attacks.channels.test_what_it_may_do import allowed
from tests.attacks.channels.thief import as_host, store_as_host

pytestmark = [pytest.mark.real, pytest.mark.timeout(400)]


async def test_a_channel_that_is_switched_off_loses_its_users_and_all_is_well(
    town: Town, third_parties: ThirdParties
) -> None:
    """The last of these tests: nothing comes in by it any more."""
    stack, others = third_parties.stack, pids(third_parties.stack, "case-router", "notifier")
    kafka = as_host(stack, VANDAL)
    with store_as_host(stack, VANDAL) as store:
        await asyncio.to_thread(guichet, stack, "channels", "disable", VANDAL)
        said = await asyncio.to_thread(guichet, stack, "prepare")
        assert "Taken away: User:ingest-vandal ALLOW WRITE topic inbound-third-party" in said
        await asyncio.to_thread(town.stack.supervisor.end, f"ingest-{VANDAL}", f"sender-{VANDAL}")
    assert allowed(kafka) == set()
    with store_as_host(stack, VANDAL) as store, pytest.raises(OperationFailure, match="Authentication failed"):
        store["guichet_vault"]["sealing_keys"].find_one({})
    await until(lambda: router_is_through(town), "everything is handled")
    await served(town)
    assert pids(stack, *others) == others
