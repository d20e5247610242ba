"""Small batches are handled together; nothing else waits."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.kafka.consume.gathered import gathered, pause_before

PAUSE_S, ENOUGH = 0.25, 100


@pytest.mark.parametrize(
    ("records", "since_last_s", "waits_s"),
    [
        (1, 60.0, 0.0),  # after a lull
        (1, 0.0, PAUSE_S),  # in a stream
        (ENOUGH - 1, PAUSE_S / 2, PAUSE_S / 2),
        (ENOUGH, 0.0, 0.0),  # behind, or made again
    ],
)
def test_a_batch_waits_where_more_are_about_to_come(records: int, since_last_s: float, waits_s: float):
    assert pause_before(records, since_last_s, pause_s=PAUSE_S, enough=ENOUGH) == waits_s


@given(st.integers(1, ENOUGH), st.floats(0, 3600))
def test_no_batch_waits_longer_than_it_says(records: int, since_last_s: float):
    assert 0 <= pause_before(records, since_last_s, pause_s=PAUSE_S, enough=ENOUGH) <= PAUSE_S


async def test_the_pause_runs_from_the_end_of_the_last_batch_also_of_one_that_failed(monkeypatch):
    waited, handled = list[float](), list[str]()

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def handle(batch: list[str]) -> None:
        handled.extend(batch)
        if batch == ["fails"]:
            raise LookupError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    handler = gathered(handle, pause_s=60.0, enough=2)
    await handler(["first"])
    with pytest.raises(LookupError):
        await handler(["fails"])
    await handler(["again"])
    await handler(["many", "more"])
    assert handled == ["first", "fails", "again", "many", "more"]
    assert [round(seconds, -1) for seconds in waited] == [0, 60, 60, 0]
