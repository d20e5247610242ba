"""What breaks the process that reads it is received all the same, and nothing else waits for it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psutil
import pytest

from guichet.channel.envelope import LMTP, Envelope
from guichet.contracts.authorship import proves_its_author
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import INBOUND_EMAIL, MIB
from guichet.errors import PermanentError
from guichet_mail.read.limited_readers import server as reader_server
from guichet_mail.read.limited_readers.readers import BrokenReaderError, LimitedReaders, _given_up, _Reader
from guichet_mail.read.own.own_system import OwnSystem
from guichet_mail.read.parse import MailReader
from guichet_mail.read.read_mail import read_mail
from guichet_mail.receive import lmtp
from guichet_mail.receive.accept import AcceptMail
from guichet_mail.receive.lmtp import Intake
from guichet_mail.receive.mailbox import MailboxHandler
from guichet_mail.town_mailboxes import TownMailboxes
from guichet_testing.builders.channels import FACTS
from guichet_testing.conformance.lmtp_source import lmtp_source
from guichet_testing.conformance.world import KEY, World

CONTACT = "contact@mairie.example"
MAILBOXES = TownMailboxes([CONTACT], CONTACT)
READER = MailReader(MAILBOXES, KEY)
HTML = b"From: Zo\xc3\xa9 <zoe@exemple.test>\r\nSubject: Trou\r\nMessage-ID: <1@x>\r\nContent-Type: text/html\r\n\r\n<p>Un <b>trou</b>"
ENDLESS = b"Subject: Lampadaire\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n\r\n" * 1100


def envelope(mail: bytes) -> Envelope:
    return Envelope("zoe@exemple.test", (CONTACT,), mail)


def processes() -> list[psutil.Process]:
    """Return the reader server and its readers; other children are other tests' servers."""
    return [each for each in psutil.Process().children(recursive=True) if _reads(each)]


def _reads(process: psutil.Process) -> bool:
    try:
        return reader_server.__name__ in process.cmdline()
    except (psutil.ZombieProcess, psutil.NoSuchProcess):  # it has ended
        return False


@asynccontextmanager
async def adapter(world: World, intake: Intake | None = None) -> AsyncIterator[int]:
    async with LimitedReaders(READER) as limited:
        read = partial(read_mail, READER, limited)
        handler = MailboxHandler(MAILBOXES, AcceptMail(world.lend("mail", INBOUND_EMAIL), read, READER.salvage))
        server = await lmtp.listen(handler, "127.0.0.1", 0, 25 * MIB, intake=intake)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()


async def delivered(world: World, mail: bytes) -> MessageReceived:
    async with (
        adapter(world) as port,
        lmtp_source("127.0.0.1", port, sender="zoe@exemple.test", recipient=CONTACT) as mx,
    ):
        answer = await mx.deliver(mail)
    assert answer.is_accepted
    (event,) = world.received(INBOUND_EMAIL)
    return event


async def test_a_mail_read_apart_says_what_it_says_here() -> None:
    async with LimitedReaders(READER) as limited:
        for mail in (HTML, HTML.replace(b"text/html", b"text/plain"), b"From: a@b.example\r\n\r\n" + b"x\n" * 100_000):
            assert await limited.read(envelope(mail)) == READER.understand(envelope(mail))


FIXTURES = sorted((Path(__file__).parents[1] / "fixtures").glob("*.eml"))


async def test_a_reader_that_can_open_no_file_opens_every_form_all_the_same() -> None:
    """What libraries would load meanwhile (modules, time zones) is there."""
    async with LimitedReaders(READER) as limited:
        for mail in map(Path.read_bytes, FIXTURES):
            assert await limited.read(envelope(mail)) == READER.understand(envelope(mail))


@pytest.mark.parametrize("zone", ["Romance Standard Time", "/x/Pacific/Tahiti", "Chez moi", "../../etc/passwd", ""])
async def test_a_reader_that_can_open_no_file_knows_every_time_zone_all_the_same(zone: str) -> None:
    event = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID={zone}:20260702T093000\nEND:VEVENT\nEND:VCALENDAR\n"
    mail = f"From: a@b.example\nContent-Type: text/calendar\n\n{event}".encode()
    async with LimitedReaders(READER) as limited:
        assert await limited.read(envelope(mail)) == READER.understand(envelope(mail))


@pytest.mark.parametrize("charset", ["cp1256", "mbcs", "x-none", "euc_jp"])
async def test_a_reader_that_can_open_no_file_knows_every_charset_all_the_same(charset: str) -> None:
    head = f"From: =?{charset}?b?4eLj?= <a@b.example>\r\nContent-Type: text/html; charset={charset}\r\n"
    name = f"Content-Disposition: inline; filename*={charset}''%e9%41\r\n\r\n"
    mail = (head + name).encode() + b"<p>\xe9t\xe9"
    async with LimitedReaders(READER) as limited:
        assert await limited.read(envelope(mail)) == READER.understand(envelope(mail))


async def test_no_process_is_left_of_mails_that_were_read() -> None:
    async with LimitedReaders(READER) as limited:
        await limited.read(envelope(HTML))
        server = {each.pid for each in processes()}
        for _ in range(20):
            await limited.read(envelope(HTML))
        assert len({each.pid for each in processes()} | server) <= 3, "the server, and readers about to leave"
    assert not processes()


async def test_a_stop_sent_to_the_whole_group_ends_no_mail_in_work() -> None:
    async with LimitedReaders(READER) as limited:
        await limited.read(envelope(HTML))
        for each in processes():
            os.kill(each.pid, signal.SIGTERM)
        before = {each.pid for each in processes()}
        assert (await limited.read(envelope(HTML))).content.text == "Un trou"
        assert {each.pid for each in processes()} == before


async def test_a_mail_that_breaks_its_reader_is_a_message_with_the_mail_attached() -> None:
    world = World()
    event = await delivered(world, ENDLESS)
    content = await world.content(event)
    assert event.unread
    assert not world.dead_letters
    assert (content.subject, content.text) == ("Lampadaire", "")
    assert content.sender[0].value == "zoe@exemple.test"
    assert [each.content_type for each in event.attachments] == ["message/rfc822"]
    (whole,) = await world.files(event)
    assert ENDLESS.rstrip() in whole


async def test_a_mail_that_kills_its_reader_is_one_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    async def killed(limited: LimitedReaders, reader: _Reader, _mail: bytes) -> None:
        limited._end(reader)
        raise BrokenReaderError

    monkeypatch.setattr(LimitedReaders, "_read", killed)
    world = World()
    event = await delivered(world, HTML)
    content = await world.content(event)
    assert (event.unread, content.subject, content.display_name) == (True, "Trou", "Zoé")


async def test_an_unread_mail_that_comes_again_has_the_same_id() -> None:
    first = READER.salvage(envelope(HTML), datetime.now(UTC))
    assert READER.salvage(envelope(b"Received: later\r\n" + HTML), datetime.now(UTC)).message_id == first.message_id
    assert READER.salvage(envelope(HTML + b"x"), datetime.now(UTC)).message_id != first.message_id


async def test_a_mail_that_nobody_sent_is_still_put_aside() -> None:
    with pytest.raises(PermanentError) as refusal:
        READER.salvage(Envelope("", (CONTACT,), ENDLESS), datetime.now(UTC))
    assert refusal.value.reason == "no-sender"


async def test_a_connection_too_many_is_told_to_come_back() -> None:
    async with adapter(World(), Intake(max_connections=1)) as port:
        first, _kept = await asyncio.open_connection("127.0.0.1", port)
        assert (await first.readline()).startswith(b"220")
        second, _ = await asyncio.open_connection("127.0.0.1", port)
        assert (await second.read()).startswith(b"421")


async def test_a_refused_mail_that_breaks_its_reader_is_refused_all_the_same() -> None:
    verdict = (
        b"Authentication-Results: mx.mairie.example; spf=pass"
        + b" (x)" * 400
        + b"; dmarc=fail header.from=exemple.test\r\n"
    )
    reader = MailReader(MAILBOXES, KEY, {LMTP: OwnSystem(authserv_id="mx.mairie.example")})
    refused = reader.salvage(envelope(verdict + b"From: zoe@exemple.test\r\n" + ENDLESS), datetime.now(UTC))
    assert refused.content.is_refused()
    passed = reader.salvage(
        envelope(verdict.replace(b"fail", b"pass") + b"From: zoe@exemple.test\r\n" + ENDLESS), datetime.now(UTC)
    )
    assert not proves_its_author(passed.content, FACTS[passed.channel]), "what nobody could read proves nobody"


async def test_who_hangs_up_while_a_reader_is_forked_takes_no_other_reader_along() -> None:
    async with LimitedReaders(READER) as limited:
        cut_short = asyncio.create_task(limited.read(envelope(HTML)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        cut_short.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cut_short
        first, second = await limited._fork(), await limited._fork()
        assert first.pid != second.pid
        limited._end(first)
        await asyncio.sleep(0.2)
        assert (await limited._read(second, envelope(HTML).to_bytes())).content.text == "Un trou"


async def test_what_a_reader_says_is_no_label_of_a_metric() -> None:
    given_up = _given_up(b"Amina Benali, 12 rue des Tilleuls")
    assert (given_up.reason, _given_up(b"RecursionError").reason) == ("unreadable", "RecursionError")
