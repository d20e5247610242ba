"""Deeds done together are done for everybody who asked, once."""

import asyncio

import pytest

from notifier.in_bulk import InBulk


class Slow:
    """A deed that waits to be let go on. done: what it was done with, call by call."""

    def __init__(self, error=None):
        self.done = []
        self.may_go_on = asyncio.Event()
        self.error = error

    async def __call__(self, items):
        self.done.append([*items])
        await self.may_go_on.wait()
        if self.error is not None:
            raise self.error


async def asked(bulk, *items):
    asking = [asyncio.create_task(bulk(item)) for item in items]
    await asyncio.sleep(0.01)
    return asking


async def test_what_is_asked_for_while_a_deed_is_under_way_is_done_together_by_the_next():
    deed = Slow()
    bulk = InBulk(deed)
    first = await asked(bulk, 1)
    later = await asked(bulk, 2, 3, 4)
    assert deed.done == [[1]]
    assert not any(asking.done() for asking in (*first, *later))
    deed.may_go_on.set()
    await asyncio.gather(*first, *later)
    assert deed.done == [[1], [2, 3, 4]]


async def test_an_error_is_told_to_everybody_whom_the_deed_was_for_and_to_nobody_else():
    deed = Slow(KeyError("broken"))
    bulk = InBulk(deed)
    failing = await asked(bulk, 1, 2)
    later = await asked(bulk, 3)
    deed.may_go_on.set()
    assert [type(each) for each in await asyncio.gather(*failing, return_exceptions=True)] == [KeyError] * 2
    with pytest.raises(KeyError):
        await later[0]
    deed.error = None
    await bulk(4)
    assert deed.done == [[1, 2], [3], [4]]


async def test_who_stops_waiting_stops_nothing():
    deed = Slow()
    bulk = InBulk(deed)
    (first,) = await asked(bulk, 1)
    first.cancel()
    later = await asked(bulk, 2)
    deed.may_go_on.set()
    await asyncio.gather(*later)
    assert deed.done == [[1], [2]]
