"""Servers that were taken over, or are broken: they get no mail taken in that nobody asked for, none passed over for
good, and none of the memory, time and threads that other mailboxes and LMTP need."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from guichet.contracts.topics import MIB
from guichet.runtime.telemetry.alarms import Alarm
from guichet_mail.receive.imap import poll
from guichet_mail.receive.imap.connection import mailbox, session
from guichet_testing.until import until
from shared.channels.mail.tests.receive.imap.odd_server import OddServer
from shared.channels.mail.tests.receive.imap.town_mailbox import Town, a_mail, alarms_of

RARELY = timedelta(minutes=5)


async def has_taken(town: Town, *numbers: int | str) -> None:
    """Wait until these mails were taken in; read again, they are published again, as the same ones."""
    wanted = {f"Voirie {each}" for each in numbers}
    await until(lambda: len({each.message_id for each in town.received}) >= len(wanted), f"{wanted}", seconds=20)
    assert set(await town.subjects()) == wanted


async def test_a_mail_of_before_that_is_marked_as_read_meanwhile_is_not_taken_in(
    town: Town, server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.dates[1] = '"01-Feb-2020 09:30:00 +0100"'
    async with town.reading({"contact": server.account}):
        await town.takes(2, 3)
        listed = server._listed
        monkeypatch.setattr(server, "_listed", lambda uids: b"* 1 FETCH (FLAGS (\\Seen))\r\n" + listed(uids))
        server.put(4, a_mail(4))
        await town.takes(2, 3, 4)
        server.put(5, a_mail(5))
        await town.takes(2, 3, 4, 5)


@pytest.mark.parametrize("date", ['"31-Dec-9999 23:59:59 -1200"', '"01-Feb-2090 09:30:00 +0100"'])
async def test_a_date_to_come_has_no_mail_passed_over_once_the_mailbox_counts_anew(
    town: Town, server: OddServer, date: str
) -> None:
    server.dates[2] = date
    async with town.reading({"contact": server.account}):
        await town.takes(1, 2, 3)
        [place] = town.world.mailbox_places.places.values()
        assert place.newest is not None, "the others have a date"
        assert place.newest <= datetime.now(UTC)
        server.validity = 8
        server.dates[4] = f'"{datetime.now(UTC):%d-%b-%Y %H:%M:%S +0000}"'
        server.put(4, a_mail(4))
        await has_taken(town, 1, 2, 3, 4)


@pytest.mark.parametrize("number", [2**32, 2**70])
async def test_numbers_that_no_mail_has_do_not_carry_the_place_away(
    town: Town, server: OddServer, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched = server._searched
    monkeypatch.setattr(server, "_searched", lambda first: searched(first).replace(b"\r\n", b" %d\r\n" % number))
    async with town.reading({"contact": server.account}):
        await town.takes(1, 2, 3)
        server.put(4, a_mail(4))
        await town.takes(1, 2, 3, 4)
        await until(lambda: [each.uid for each in town.world.mailbox_places.places.values()] == [4], "the place")


async def test_a_count_that_the_store_cannot_keep_is_said_and_no_bug(town: Town, server: OddServer) -> None:
    server.validity = 2**70
    async with town.reading({"contact": server.account}):
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_UNREADABLE}, "an alarm")
    assert town.received == []


async def test_a_mailbox_that_was_set_back_to_an_older_state_is_read_again(town: Town, server: OddServer) -> None:
    server.mails |= {uid: a_mail(uid) for uid in range(4, 10)}
    async with town.reading({"contact": server.account}):
        await town.takes(*range(1, 10))
        for gone in range(4, 10):
            del server.mails[gone]
        server.put(4, a_mail("new"))
        await has_taken(town, *range(1, 10), "new")
        server.put(5, a_mail("newer"))
        await has_taken(town, *range(1, 10), "new", "newer")


async def test_a_mailbox_that_counts_anew_each_time_is_not_read_over_and_over(
    town: Town, server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    selected = server._selected

    def anew() -> bytes:
        assert server.validity is not None
        server.validity += 1
        return selected()

    monkeypatch.setattr(server, "_selected", anew)
    async with town.reading({"contact": server.account}):
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_UNREADABLE}, "an alarm", seconds=30)
        assert sum("BODY.PEEK[]" in each for each in server.heard) <= poll.COUNTS_AN_HOUR + 1


@pytest.mark.parametrize("told", [b"{99999999999}\r\nabc", b"{60000000}\r\n" + b"x" * 60_000_000], ids=["said", "sent"])
async def test_a_mail_without_end_takes_no_memory(town: Town, server: OddServer, told: bytes) -> None:
    server.odd[2] = b"* 2 FETCH (UID 2 BODY[] " + told + b")\r\n"
    async with town.reading({"contact": server.account}):
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_UNREADABLE}, "an alarm", seconds=30)
        server.odd.clear()
        await town.takes(1, 2, 3)


async def test_news_without_end_take_no_memory(
    town: Town, server: OddServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(session, "MOST_BYTES", MIB)
    monkeypatch.setattr(mailbox, "IDLE_S", 0.1)
    server.with_consent = b"* 3 EXISTS\r\n" * 200_000
    async with town.reading({"contact": server.account}):
        await until(lambda: server.heard.count("IDLE") >= 2, "a second connection")
    assert "more than it was asked for" in capfd.readouterr().out


async def test_news_all_the_time_have_a_mailbox_looked_into_once_a_second(town: Town, server: OddServer) -> None:
    async with town.reading({"contact": server.account}, imap_poll_every=RARELY):
        await town.takes(1, 2, 3)
        before = server.heard.count("IDLE")
        for _ in range(200):
            server.put(3, a_mail(3))
            await asyncio.sleep(0.01)
        assert server.heard.count("IDLE") - before <= 4


async def test_who_never_ends_a_greeting_keeps_no_thread(
    town: Town, server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "CONNECTING_S", 0.3)
    server.greeting = b"* OK and"
    async with town.reading({"contact": server.account}):
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_UNREADABLE}, "an alarm", seconds=30)
        assert sum(each.name == "imap contact" for each in threading.enumerate()) <= 1


async def test_a_server_that_repeats_the_password_has_it_written_nowhere(
    town: Town, server: OddServer, capfd: pytest.CaptureFixture[str]
) -> None:
    town.password("contact", "sesame-47")
    server.refusal = b"NO wrong password sesame-47 for contact\r\n"
    async with town.reading({"contact": server.account}):
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_REFUSED}, "an alarm")
    said = capfd.readouterr()
    assert "is not let in" in said.out
    assert "sesame" not in said.out + said.err
