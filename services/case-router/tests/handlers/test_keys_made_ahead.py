"""Where a router's new keys come from."""

from case_router.app import build_router
from guichet.clock import SystemClock
from guichet.kafka.records import Received
from guichet.vault.pool import KeyReserve


async def test_keys_come_from_the_reserve_though_it_begins_empty(world):
    asked: list[int] = []

    async def make(count: int):
        asked.append(count)
        return await world.vault.new_keys(count)

    reserve = KeyReserve(make, 1024)
    router = build_router(
        world.stores,
        world.vault,
        world.publisher,
        world.town,
        world.keys,
        made_ahead=reserve,
        clock=SystemClock().now,
    )  # as the composition root does: before anything has filled it
    event = await world.mail("m1", "alice@courriel.example")
    await router.handle([Received(event, "topic", 0, 0)])
    assert len(asked) == 1, "in bulk, once for the citizen, the address and the case"
    assert len(reserve) > 0
