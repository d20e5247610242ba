"""A file that does not come at once holds up nobody: the message goes first, the file follows."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.provider_files import GONE, FileLateError, with_files
from guichet.errors import ThrottledError, TransientError
from guichet.privacy.pseudonyms import message_id
from guichet_telegram import late_files
from guichet_telegram.late_files import ASKED_FOR, AT_A_TIME, MOST, LateFiles
from guichet_telegram.read.update import IncomingTelegram, parse_update
from guichet_testing.twins.clock import StillClock

UPDATE = (Path(__file__).with_name("fixtures") / "photo.json").read_bytes()
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
PHOTO = DraftFile("photo.jpg", "image/jpeg", b"photo")


def incoming(message: str | None = None) -> IncomingTelegram:
    read = parse_update(UPDATE, bot="7000000001", name=partial(message_id, b"k" * 32), arrived_at=NOW)
    assert isinstance(read, IncomingTelegram)
    return replace(read, draft=replace(read.draft, message_id=message)) if message else read


class Telegram:
    """fails: how many more times a file does not come."""

    def __init__(self, fails: int) -> None:
        self.fails = fails
        self.asked = 0
        self.takes_s = 0.0
        self.most_at_once = self._at_once = 0

    async def complete(self, incoming: IncomingTelegram, *, patient: bool) -> Draft:
        self.asked += 1
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(self.takes_s)
        finally:
            self._at_once -= 1
        if self.asked > self.fails:
            return with_files(incoming.draft, [PHOTO], [])
        if patient:
            raise FileLateError("status 500")
        return with_files(incoming.draft, [], [("photo.jpg", GONE)])


class AdapterOnTwins:
    def __init__(self, fails: int) -> None:
        self.telegram = Telegram(fails)
        self.accepted: list[Draft] = []
        self.clock = StillClock(NOW)
        self.away = False
        self.late = LateFiles(self.telegram, self.accept, patience=HOUR, clock=self.clock, pauses_s=(0.0,))

    async def accept(self, draft: Draft) -> None:
        if self.away:
            raise TransientError("the broker is away")
        self.accepted.append(draft)

    async def receives(self, incoming: IncomingTelegram) -> Draft:
        """Take a message in as the webhook does."""
        completed = await self.late.complete(incoming)
        await self.accept(completed)
        self.late.follow(completed)
        return completed


async def test_a_short_pause_of_telegram_s_makes_no_second_message() -> None:
    adapter = AdapterOnTwins(fails=1)
    assert (await adapter.receives(incoming())).files == (PHOTO,)
    await adapter.late.look_again()
    assert len(adapter.accepted) == 1


async def test_a_message_whose_file_does_not_come_is_not_refused_and_the_file_follows() -> None:
    adapter = AdapterOnTwins(fails=3)
    first = await adapter.receives(incoming())
    assert "Voici le trou" in first.content.text
    assert "pas encore reçu" in first.content.text
    for _ in range(3):
        await adapter.late.look_again()
    [_, following] = adapter.accepted
    assert (following.files, following.edits, following.received_at) == ((PHOTO,), first.message_id, NOW)
    assert following.message_id != first.message_id
    assert "pas encore" not in following.content.text


async def test_a_file_is_given_up_in_the_end() -> None:
    adapter = AdapterOnTwins(fails=1000)
    await adapter.receives(incoming())
    adapter.clock.move(HOUR)
    await adapter.late.look_again()
    asked = adapter.telegram.asked
    await adapter.late.look_again()
    assert (len(adapter.accepted), adapter.telegram.asked) == (1, asked)


async def test_how_long_a_file_is_asked_for_counts_from_its_arrival_here() -> None:
    """What our outage held up has waited at Telegram, and for no file yet."""
    adapter, of_today = AdapterOnTwins(fails=1), incoming()
    held_up = replace(of_today, draft=replace(of_today.draft, received_at=NOW - 2 * HOUR, arrived_at=NOW))
    await adapter.late.complete(held_up)
    adapter.telegram.fails = 3
    adapter.late.follow(await adapter.late.complete(held_up))
    await adapter.late.look_again()
    assert adapter.accepted == [], "the file was given up at the first look"


async def test_nobody_is_asked_for_files_while_telegram_wants_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """It lengthens the pause of who asks on: one person's flood of photos would keep everybody's away."""
    adapter, real_complete = AdapterOnTwins(fails=0), Telegram.complete

    async def throttled(telegram: Telegram, incoming: IncomingTelegram, *, patient: bool) -> Draft:
        if adapter.clock.now() < NOW + timedelta(minutes=5):
            telegram.asked += 1
            raise ThrottledError("too many requests", retry_after=timedelta(minutes=5))
        return await real_complete(telegram, incoming, patient=patient)

    monkeypatch.setattr(Telegram, "complete", throttled)
    await adapter.receives(incoming())
    await adapter.receives(incoming("another"))
    await adapter.late.look_again()
    adapter.clock.move(timedelta(minutes=4))
    await adapter.late.look_again()
    assert adapter.telegram.asked == 1, "asked on although it was told to wait"
    adapter.clock.move(timedelta(minutes=1))
    await adapter.late.look_again()
    assert [each.files for each in adapter.accepted] == [(), (), (PHOTO,), (PHOTO,)]


async def test_a_file_that_nobody_accepts_now_is_brought_again() -> None:
    adapter = AdapterOnTwins(fails=2)
    await adapter.receives(incoming())
    adapter.away = True
    await adapter.late.look_again()
    adapter.away = False
    await adapter.late.look_again()
    await adapter.late.look_again()
    assert len(adapter.accepted) == 2


async def test_an_update_that_telegram_sends_again_brings_its_file_once() -> None:
    adapter = AdapterOnTwins(fails=2)
    adapter.away = True
    with pytest.raises(TransientError):
        await adapter.receives(incoming())
    adapter.away = False
    assert (await adapter.receives(incoming())).files == (PHOTO,)
    await adapter.late.look_again()
    assert len(adapter.accepted) == 1


async def test_no_file_follows_a_message_that_was_not_accepted() -> None:
    adapter = AdapterOnTwins(fails=2)
    adapter.away = True
    with pytest.raises(TransientError):
        await adapter.receives(incoming())
    adapter.away = False
    await adapter.late.look_again()
    assert adapter.accepted == [], "a correction of a message that nobody holds"


async def test_a_second_copy_of_an_accepted_update_takes_no_file_away() -> None:
    """Telegram did not hear that it was accepted; the copy is nothing new to the router, with its file or without."""
    adapter = AdapterOnTwins(fails=2)
    first = await adapter.receives(incoming())
    await adapter.receives(incoming())
    await adapter.late.look_again()
    assert [each.edits for each in adapter.accepted if each.files] == [None, first.message_id]


@pytest.mark.parametrize("more", [0, 5])
async def test_what_may_follow_is_bounded(more: int) -> None:
    adapter = AdapterOnTwins(fails=10**6)
    adapter.late._pauses_s = ()
    for number in range(MOST + more):
        await adapter.receives(incoming(f"{number:032x}"))
    assert len(adapter.late._late) == MOST


async def test_files_that_take_their_time_are_asked_for_side_by_side_and_some_at_a_time() -> None:
    adapter = AdapterOnTwins(fails=10**6)
    adapter.late._pauses_s = ()
    for number in range(25):
        await adapter.receives(incoming(f"{number:032x}"))
    adapter.telegram.takes_s = 0.02
    await adapter.late.look_again()
    assert adapter.telegram.most_at_once == 10


async def test_a_file_that_never_ends_holds_up_no_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_files, "ASKED_FOR", timedelta(milliseconds=50), raising=False)
    adapter = AdapterOnTwins(fails=10**6)
    adapter.late._pauses_s = ()
    await adapter.receives(incoming())
    adapter.telegram.takes_s = 60
    looking = asyncio.create_task(adapter.late.look_again())
    done, _ = await asyncio.wait({looking}, timeout=2)
    looking.cancel()
    assert done, "the look waits for one file that trickles in"
    assert len(adapter.late._late) == 1


def test_every_late_file_is_asked_for_in_its_hour_however_slow_they_are() -> None:
    """It waits for the look under way, then for its turn in the next."""
    assert 2 * (MOST / AT_A_TIME) * ASKED_FOR <= HOUR
