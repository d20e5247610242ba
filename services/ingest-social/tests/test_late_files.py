"""A file that does not come at once holds up nobody: the message goes first, the file follows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guichet.channel.draft import Draft, DraftFile
from guichet.channel.provider_files import GONE, FileLateError, with_files
from guichet.errors import TransientError
from guichet.testing.clock import StillClock
from ingest_social.networks.telegram.late_files import MOST, LateFiles
from ingest_social.networks.telegram.parse import IncomingTelegram, parse_update

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

    async def complete(self, incoming: IncomingTelegram, *, patient: bool) -> Draft:
        self.asked += 1
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


async def test_a_short_pause_of_telegram_s_makes_no_second_message() -> None:
    office = Office(fails=1)
    assert (await office.late.complete(incoming())).files == (PHOTO,)
    await office.late.look_again()
    assert office.accepted == []


async def test_a_message_whose_file_does_not_come_is_not_refused_and_the_file_follows() -> None:
    office = Office(fails=3)
    first = await office.late.complete(incoming())
    assert "Voici le trou" in first.content.text
    assert "pas encore reçu" in first.content.text
    for _ in range(3):
        await office.late.look_again()
    [following] = office.accepted
    assert (following.files, following.edits, following.received_at) == ((PHOTO,), first.message_id, NOW)
    assert following.message_id != first.message_id
    assert "pas encore" not in following.content.text


async def test_a_file_is_given_up_in_the_end() -> None:
    office = Office(fails=1000)
    await office.late.complete(incoming())
    office.clock.move(HOUR)
    await office.late.look_again()
    asked = office.telegram.asked
    await office.late.look_again()
    assert (office.accepted, office.telegram.asked) == ([], asked)


async def test_a_file_that_nobody_accepts_now_is_brought_again() -> None:
    office = Office(fails=2)
    await office.late.complete(incoming())
    office.away = True
    await office.late.look_again()
    office.away = False
    await office.late.look_again()
    await office.late.look_again()
    assert len(office.accepted) == 1


async def test_an_update_that_telegram_sends_again_brings_its_file_once() -> None:
    office = Office(fails=2)
    await office.late.complete(incoming())
    assert (await office.late.complete(incoming())).files == (PHOTO,)
    await office.late.look_again()
    assert office.accepted == []


@pytest.mark.parametrize("more", [0, 5])
async def test_what_may_follow_is_bounded(more: int) -> None:
    office = Office(fails=10**6)
    office.late._pauses_s = ()
    for number in range(MOST + more):
        await office.late.complete(incoming(f"{number:032x}"))
    assert len(office.late._late) == MOST
