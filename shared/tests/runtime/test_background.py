import asyncio

import pytest

from guichet.runtime.background import in_background


async def test_work_goes_on_beside_and_has_ended_with_the_context() -> None:
    seen: list[str] = []

    async def work() -> None:
        try:
            while True:
                seen.append("round")
                await asyncio.sleep(0)
        finally:
            seen.append("ended")

    async with in_background(work(), "rounds") as task:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert task.get_name() == "rounds"
        assert seen.count("round") > 1
    assert task.cancelled()
    assert seen[-1] == "ended"


async def test_work_that_failed_is_told_at_the_end() -> None:
    async def work() -> None:
        raise ValueError("no list")

    with pytest.raises(ValueError, match="no list"):
        async with in_background(work(), "rounds") as task:
            await asyncio.wait({task})
