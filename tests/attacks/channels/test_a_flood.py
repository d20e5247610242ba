"""The host of a third party takes in, or writes, far more than anybody can read: others are served all the while."""

import pytest
from aiokafka import AIOKafkaProducer

from guichet.contracts.topics import INBOUND_THIRD_PARTY
from guichet.kafka.connection import client_options
from guichet_testing.town.third_parties import VANDAL, ThirdParties
from guichet_testing.town.town import Town
from guichet_testing.until import PATIENCE_S, until
from tests.attacks.channels.others import is_ready, pids, post, router_is_through, while_others_are_served
from tests.attacks.channels.thief import as_host

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

MESSAGES = 2000
OF_GUICHET = ("case-router", "notifier", "ingest-email", "sender-mail")


def filed(town: Town) -> int:
    return town.store["guichet"]["messages"].count_documents({"channel": VANDAL})


async def test_in_the_middle_of_a_flood_a_neighbour_gets_her_receipt(town: Town, third_parties: ThirdParties) -> None:
    stack, processes = third_parties.stack, pids(third_parties.stack, *OF_GUICHET)
    await is_ready(stack, f"ingest-{VANDAL}")
    there = filed(town)
    async with while_others_are_served(town) as waits:
        assert await post(stack, do="flood", messages=MESSAGES, id="flood", **{"from": "floods"}) == 200
        await until(lambda: filed(town) > there + 1, "the flood has come")
        served = len(waits)
        await until(lambda: len(waits) > served + 1, "she wrote, and has her receipt", seconds=2 * PATIENCE_S)
        assert filed(town) < there + MESSAGES, "she had to wait until all of it was filed"
        await until(lambda: filed(town) > there + MESSAGES, "all is filed", seconds=5 * PATIENCE_S)
    assert pids(stack, *OF_GUICHET) == processes


async def test_rubbish_beyond_every_ceiling_stops_no_reader(town: Town, third_parties: ThirdParties) -> None:
    """The town's ceiling is five dead letters a minute; whatever else may go wrong, the router reads on."""
    stack, processes = third_parties.stack, pids(third_parties.stack, *OF_GUICHET)
    async with while_others_are_served(town):
        async with AIOKafkaProducer(**client_options(as_host(stack, VANDAL))) as producer:
            for nth in range(40):
                await producer.send(INBOUND_THIRD_PARTY.name, b'{"rubbish": true}', key=str(nth).encode())
            await producer.flush()
        await until(lambda: router_is_through(town), "all is handled")
    assert pids(stack, *OF_GUICHET) == processes


LARGE = {
    "a text of a million characters": {"times": 50_000},
    "a thousand senders": {"crowd": 1000},
    "a hundred files": {"files": 100},
}


@pytest.mark.parametrize("large", LARGE.values(), ids=LARGE)
async def test_a_message_that_is_large_in_any_way_holds_nobody_up(
    town: Town, third_parties: ThirdParties, large: dict[str, int]
) -> None:
    stack, processes = third_parties.stack, pids(third_parties.stack, *OF_GUICHET)
    [kind] = large
    async with while_others_are_served(town):
        await post(stack, id=f"large-{kind}", **{"from": f"large-{kind}"}, **large)
        await until(lambda: router_is_through(town), "all is handled")
    assert pids(stack, *OF_GUICHET) == processes
