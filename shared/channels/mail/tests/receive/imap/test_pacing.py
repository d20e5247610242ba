"""How much of a mailbox is taken at once, and when it is tried again."""

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from guichet.errors import TransientError
from guichet_mail.receive.imap.batch import BYTES, MAILS, batches_of
from guichet_mail.receive.imap.connection.errors import SignInRefusedError
from guichet_mail.receive.imap.connection.folder import Listed
from guichet_mail.receive.imap.pause import LONGEST, REFUSED_FIRST, REFUSED_LONGEST, pause_after
from guichet_mail.receive.imap.room import Room


def listed(uid: int, size: int) -> Listed:
    return Listed(uid, size, datetime(2026, 12, 1, tzinfo=UTC))


@given(st.lists(st.integers(0, 2 * BYTES)), st.integers(1, 2 * BYTES))
def test_batches_keep_the_order_and_their_limits(sizes: list[int], most: int) -> None:
    mails = [listed(uid, size) for uid, size in enumerate(sizes)]
    batches = [*batches_of(mails, most)]
    assert sorted(each.uid for batch in batches for each in (*batch.mails, *batch.too_large)) == [*range(len(sizes))]
    last = -1
    for batch in batches:
        uids = [each.uid for each in (*batch.mails, *batch.too_large)]
        assert min(uids) > last
        last = max(uids)
        assert batch.count <= MAILS
        assert batch.size <= BYTES or len(batch.mails) == 1
        assert all(each.size <= most for each in batch.mails)
        assert all(each.size > most for each in batch.too_large)


async def test_no_more_bytes_are_in_work_than_there_is_room_for() -> None:
    room, held, most = Room(100), 0, 0

    async def hold(size: int) -> None:
        nonlocal held, most
        async with room.for_bytes(size):
            held += min(size, 100)
            most = max(most, held)
            await asyncio.sleep(0)
            held -= min(size, 100)

    async with asyncio.timeout(5):
        await asyncio.gather(*(hold(size) for size in (60, 60, 10, 500, 1, 100, 0) * 5))
    assert most <= 100


async def test_who_is_cancelled_while_it_waits_for_room_takes_none() -> None:
    room = Room(10)
    async with room.for_bytes(10):
        waiting = asyncio.create_task(_hold(room))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
    async with asyncio.timeout(1), room.for_bytes(10):
        pass


async def _hold(room: Room) -> None:
    async with room.for_bytes(5):
        pass


@given(st.integers(1, 1000))
def test_pauses_grow_up_to_an_end_and_longer_ones_are_for_a_refusal(failures: int) -> None:
    assert timedelta(0) < pause_after(TransientError(""), failures) <= LONGEST
    assert REFUSED_FIRST / 2 <= pause_after(SignInRefusedError(""), failures) <= REFUSED_LONGEST
    assert pause_after(TransientError(""), 1) <= timedelta(seconds=1)
