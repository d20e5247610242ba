"""A file that does not come at once holds up nobody: the message goes first, the file follows."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.provider_files import GONE, FileLateError, with_files
from guichet.errors import ThrottledError, TransientError
from guichet_testing.twins.clock import StillClock
from ingest_social.domain.parse_telegram import IncomingTelegram, parse_update
from ingest_social.handlers import late_telegram_files
from ingest_social.handlers.late_telegram_files import ASKED_FOR, AT_A_TIME, MOST, LateFiles

UPDATE = (Path(__file__).with_name("fixtures") / "telegram" / "photo.json").read_bytes()
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
PHOTO = DraftFile("photo.jpg", "image/jpeg", b"photo")


def incoming(message: str | None = None) -> IncomingTelegram:
    read = parse_update(UPDATE, bot="7000000001", key=b"k" * 32, received_at=NOW)
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


class Office:
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
        await self.accept(completed.draft)
        self.late.follow(completed)
        return completed.draft


async def test_a_short_pause_of_telegram_s_makes_no_second_message() -> None:
    office = Office(fails=1)
    assert (await office.receives(incoming())).files == (PHOTO,)
    await office.late.look_again()
    assert len(office.accepted) == 1


async def test_a_message_whose_file_does_not_come_is_not_refused_and_the_file_follows() -> None:
    office = Office(fails=3)
    first = await office.receives(incoming())
    assert "Voici le trou" in first.content.text
    assert "pas encore reçu" in first.content.text
    for _ in range(3):
        await office.late.look_again()
    [_, following] = office.accepted
    assert (following.files, following.edits, following.received_at) == ((PHOTO,), first.message_id, NOW)
    assert following.message_id != first.message_id
    assert "pas encore" not in following.content.text


async def test_a_file_is_given_up_in_the_end() -> None:
    office = Office(fails=1000)
    await office.receives(incoming())
    office.clock.move(HOUR)
    await office.late.look_again()
    asked = office.telegram.asked
    await office.late.look_again()
    assert (len(office.accepted), office.telegram.asked) == (1, asked)


async def test_nobody_is_asked_for_files_while_telegram_wants_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """It lengthens the pause of who asks on: one person's flood of photos would keep everybody's away."""
    office, real_complete = Office(fails=0), Telegram.complete

    async def throttled(telegram: Telegram, incoming: IncomingTelegram, *, patient: bool) -> Draft:
        if office.clock.now() < NOW + timedelta(minutes=5):
            telegram.asked += 1
            raise ThrottledError("too many requests", retry_after=timedelta(minutes=5))
        return await real_complete(telegram, incoming, patient=patient)

    monkeypatch.setattr(Telegram, "complete", throttled)
    await office.receives(incoming())
    await office.receives(incoming("another"))
    await office.late.look_again()
    office.clock.move(timedelta(minutes=4))
    await office.late.look_again()
    assert office.telegram.asked == 1, "asked on although it was told to wait"
    office.clock.move(timedelta(minutes=1))
    await office.late.look_again()
    assert [each.files for each in office.accepted] == [(), (), (PHOTO,), (PHOTO,)]


async def test_a_file_that_nobody_accepts_now_is_brought_again() -> None:
    office = Office(fails=2)
    await office.receives(incoming())
    office.away = True
    await office.late.look_again()
    office.away = False
    await office.late.look_again()
    await office.late.look_again()
    assert len(office.accepted) == 2


async def test_an_update_that_telegram_sends_again_brings_its_file_once() -> None:
    office = Office(fails=2)
    office.away = True
    with pytest.raises(TransientError):
        await office.receives(incoming())
    office.away = False
    assert (await office.receives(incoming())).files == (PHOTO,)
    await office.late.look_again()
    assert len(office.accepted) == 1


async def test_no_file_follows_a_message_that_was_not_accepted() -> None:
    office = Office(fails=2)
    office.away = True
    with pytest.raises(TransientError):
        await office.receives(incoming())
    office.away = False
    await office.late.look_again()
    assert office.accepted == [], "a correction of a message that nobody holds"


async def test_a_second_copy_of_an_accepted_update_takes_no_file_away() -> None:
    """Telegram did not hear that it was accepted; the copy is nothing new to the router, with its file or without."""
    office = Office(fails=2)
    first = await office.receives(incoming())
    await office.receives(incoming())
    await office.late.look_again()
    assert [each.edits for each in office.accepted if each.files] == [None, first.message_id]


@pytest.mark.parametrize("more", [0, 5])
async def test_what_may_follow_is_bounded(more: int) -> None:
    office = Office(fails=10**6)
    office.late._pauses_s = ()
    for number in range(MOST + more):
        await office.receives(incoming(f"{number:032x}"))
    assert len(office.late._late) == MOST


async def test_files_that_take_their_time_are_asked_for_side_by_side_and_some_at_a_time() -> None:
    office = Office(fails=10**6)
    office.late._pauses_s = ()
    for number in range(25):
        await office.receives(incoming(f"{number:032x}"))
    office.telegram.takes_s = 0.02
    await office.late.look_again()
    assert office.telegram.most_at_once == 10


async def test_a_file_that_never_ends_holds_up_no_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_telegram_files, "ASKED_FOR", timedelta(milliseconds=50), raising=False)
    office = Office(fails=10**6)
    office.late._pauses_s = ()
    await office.receives(incoming())
    office.telegram.takes_s = 60
    looking = asyncio.create_task(office.late.look_again())
    done, _ = await asyncio.wait({looking}, timeout=2)
    looking.cancel()
    assert done, "the look waits for one file that trickles in"
    assert len(office.late._late) == 1


def test_every_late_file_is_asked_for_in_its_hour_however_slow_they_are() -> None:
    """It waits for the look under way, then for its turn in the next."""
    assert 2 * (MOST / AT_A_TIME) * ASKED_FOR <= HOUR
