"""Servers that answer oddly: one mail that they spoil spoils no other, and none stops a mailbox for good."""

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from guichet.contracts.topics import MIB
from guichet.errors import TransientError
from guichet.runtime.telemetry.alarms import Alarm, clear_alarm
from guichet.runtime.telemetry.metrics import ALARM
from guichet_local.machine.certificates import AUTHORITY, SERVER, make_certificates
from guichet_mail.receive.imap import account, pause, take_in
from guichet_mail.receive.imap.connection import mailbox, session
from guichet_mail.receive.imap.connection.session import MailboxSession
from guichet_mail.receive.imap.connection.wire import Line
from guichet_testing.until import until
from shared.channels.mail.tests.receive.imap.odd_server import WHOLE, OddServer, body, serving
from shared.channels.mail.tests.receive.imap.town_mailbox import Town, a_mail, alarms_of

RARELY = timedelta(minutes=5)
SHORTLY = timedelta(seconds=0.1)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again after a tenth of the time: what is odd is odd at each look, and each test needs several."""
    monkeypatch.setattr(account, "LOOKED_INTO_EVERY", SHORTLY)
    monkeypatch.setattr(pause, "FIRST", SHORTLY)


@pytest.mark.parametrize(
    "odd",
    [
        b"* 2 FETCH (UID 2 BODY[] NIL)\r\n",
        b'* 2 FETCH (UID 2 BODY[] "")\r\n',
        b"* 2 FETCH (UID 2)\r\n",
        b"* 2 FETCH (UID 2 BODY[] {3}\r\nabc BODY[ ( oh\r\n",
        b"* 2 FETCH (UID two BODY[] {3}\r\nabc)\r\n",
        b"* 2 FETCH nonsense\r\n",
        b" ",
    ],
)
async def test_a_mail_that_is_not_given_is_passed_over_in_the_end_and_spoils_no_other(
    town: Town, server: OddServer, odd: bytes
) -> None:
    server.odd[2] = odd.strip(b" ")
    server.mails[2] = b"" if not server.odd[2] else server.mails[2]
    async with town.reading({"contact": server.account}):
        await town.takes(1, 3)
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_WITHHOLDS}, "an alarm")
        server.put(4, a_mail(4))
        await town.takes(1, 3, 4)
        await until(lambda: [each.uid for each in town.world.mailbox_places.places.values()] == [4], "all behind us")


async def test_a_mail_that_is_given_at_the_second_try_is_taken_in(town: Town, server: OddServer) -> None:
    server.odd[2] = b"* 2 FETCH (UID 2 BODY[] NIL)\r\n"
    async with town.reading({"contact": server.account}):
        await town.takes(1, 3)
        server.odd.clear()
        await town.takes(1, 2, 3)
    assert alarms_of("contact") == set()


async def test_a_mail_that_is_gone_before_it_is_fetched_is_nobody_s_alarm(town: Town, server: OddServer) -> None:
    server.dates[2] = "gone"
    async with town.reading({"contact": server.account}):
        await town.takes(1, 3)
        del server.mails[2]
        server.put(4, a_mail(4))
        await town.takes(1, 3, 4)
    assert alarms_of("contact") == set()


async def test_what_a_server_tells_of_other_mails_is_not_taken_for_an_answer(town: Town, server: OddServer) -> None:
    server.odd[2] = (
        b"* 9 FETCH (FLAGS (\\Seen))\r\n* 3 EXISTS\r\n" + body(2, a_mail(2)) + b"* 1 FETCH (UID 1 FLAGS ())\r\n"
    )
    async with town.reading({"contact": server.account}):
        await town.takes(1, 2, 3)


@pytest.mark.parametrize("capabilities", [("IMAP4rev1", "AUTH=PLAIN"), ("IMAP4rev1",)])
async def test_a_server_that_tells_no_news_is_looked_into(
    town: Town, server: OddServer, capabilities: tuple[str, ...]
) -> None:
    server.capabilities = capabilities
    town.password("contact", "ascii")
    async with town.reading({"contact": server.account}):
        await town.takes(1, 2, 3)
        server.mails[4] = a_mail(4)
        await town.takes(1, 2, 3, 4)
    assert "IDLE" not in server.heard


async def test_a_server_that_does_not_say_which_number_is_next_is_searched(town: Town, server: OddServer) -> None:
    server.next_uid = False
    async with town.reading({"contact": server.account}):
        await town.takes(1, 2, 3)
        server.put(10, a_mail(10))
        await town.takes(1, 2, 3, 10)


async def test_a_server_that_says_an_old_number_is_searched(
    town: Town, server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    selected = server._selected()
    async with town.reading({"contact": server.account}):
        await town.takes(1, 2, 3)
        monkeypatch.setattr(server, "_selected", lambda: selected.replace(b"* 3 EXISTS", b"* 4 EXISTS"))
        server.mails[4] = a_mail(4)
        await town.takes(1, 2, 3, 4)


async def test_a_bug_of_ours_over_one_mail_keeps_no_other(
    town: Town, server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = take_in.envelope_of

    def stumbles(*said: Any) -> Any:
        if b"Voirie 2" in said[2]:
            raise KeyError("Voirie")
        return sound(*said)

    monkeypatch.setattr(take_in, "envelope_of", stumbles)
    async with town.reading({"contact": server.account}):
        await town.takes(1, 3)
        server.put(4, a_mail(4))
        await town.takes(1, 3, 4)
        monkeypatch.undo()
        town.password("contact")
        await town.takes(1, 2, 3, 4)
    causes = {each.labels["cause"] for each in ALARM.collect()[0].samples}  # other tests' of this process, too
    [cause] = [each for each in causes if each.startswith("imap:KeyError:")]
    clear_alarm(Alarm.BUG, cause)


async def test_a_server_that_does_not_say_how_it_counts_is_not_read(town: Town, server: OddServer) -> None:
    server.validity = None
    async with town.reading({"contact": server.account}):
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_UNREADABLE}, "an alarm")
    assert town.received == []


async def test_a_mail_without_a_date_of_the_mailbox_s_is_taken_in(town: Town, server: OddServer) -> None:
    server.dates = {1: "NIL", 2: '"yesterday"', 3: '" 1-Feb-2026 09:30:00 +0100"'}
    async with town.reading({"contact": server.account}):
        await town.takes(1, 2, 3)


@pytest.mark.parametrize(
    ("capabilities", "moved"), [(("IMAP4rev1", "UIDPLUS", "IDLE"), True), (("IMAP4rev1", "IDLE"), False)]
)
async def test_without_move_mails_are_copied_and_expunged_by_number_or_stay(
    town: Town, server: OddServer, capabilities: tuple[str, ...], moved: bool
) -> None:
    server.capabilities = (*capabilities, "AUTH=PLAIN")
    async with town.reading({"contact": server.account_with(afterwards={"move": "Fait"})}):
        await town.takes(1, 2, 3)
        if moved:
            await until(lambda: not server.mails and len(server.moved) == 3, "moved")
        else:
            await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_NOT_TIDIED}, "an alarm")
            assert len(server.mails) == 3
    assert not any(each.startswith(("EXPUNGE", "CLOSE")) for each in server.heard), "others' marks were swept"


@pytest.mark.parametrize("told", ["at_idle", "with_consent"])
@pytest.mark.parametrize("security", ["none", "tls"])
async def test_news_that_come_as_idle_begins_are_heard_at_once(
    town: Town, told: str, security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "IDLE_S", 3600.0)
    make_certificates(tmp_path)
    speaks = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    speaks.load_cert_chain(tmp_path / SERVER)
    server = OddServer({1: a_mail(1)}, comes_at_idle={2: a_mail(2)}, **{told: b"* 2 EXISTS\r\n"})
    async with serving(server, speaks if security == "tls" else None):
        contact = server.account_with(security=security)
        async with town.reading({"contact": contact}, imap_poll_every=RARELY, imap_ca_file=tmp_path / AUTHORITY):
            await town.takes(1, 2)


async def test_a_server_that_hangs_up_while_it_is_waited_for_is_called_again(town: Town, server: OddServer) -> None:
    async with town.reading({"contact": server.account}, imap_poll_every=RARELY):
        await town.takes(1, 2, 3)
        await until(lambda: server.heard[-1] == "IDLE", "idle")
        server.mails[4] = a_mail(4)
        server.hang_up()
        await town.takes(1, 2, 3, 4)


@pytest.mark.parametrize("silent_at", ["SELECT", "UID SEARCH", "UID FETCH", "IDLE", "AUTHENTICATE"])
async def test_a_server_that_falls_silent_is_given_up_and_called_again(
    town: Town, server: OddServer, silent_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ANSWER_S", 0.5)
    server.silent_at = silent_at if silent_at != "SELECT" else "EXAMINE"
    async with town.reading({"contact": server.account}, imap_poll_every=RARELY):
        await until(lambda: sum(each.startswith(server.silent_at) for each in server.heard) >= 2, "a second try")
        server.silent_at = ""
        await town.takes(1, 2, 3)


async def test_a_sign_in_that_breaks_off_is_not_taken_for_a_refusal(town: Town, server: OddServer) -> None:
    server.silent_at = "AUTHENTICATE"
    async with town.reading({"contact": server.account}):
        for tries in (1, 2, 3):
            await until(lambda tries=tries: server.heard.count("AUTHENTICATE PLAIN") >= tries, "a try")
            server.hang_up()
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_UNREADABLE}, "an alarm")


async def test_a_server_that_drips_is_given_up_too(
    town: Town, server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "LONGEST_S", 0.5)
    server.silent_at = "UID FETCH"
    async with town.reading({"contact": server.account}):
        await until(lambda: sum(each.startswith("UID FETCH") for each in server.heard) >= 2, "a second try")
        server.silent_at = ""
        await town.takes(1, 2, 3)


@pytest.mark.parametrize("greeting", [b"* BYE too busy\r\n", b"HTTP/1.1 400 Bad Request\r\n", b"\x15\x03\x01\r\n"])
async def test_who_greets_as_no_mailbox_does_is_called_again_later(
    town: Town, server: OddServer, greeting: bytes
) -> None:
    server.greeting = greeting
    async with town.reading({"contact": server.account}):
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_UNREADABLE}, "an alarm")
        server.greeting = b"* OK\r\n"
        await town.takes(1, 2, 3)


async def test_a_size_that_is_not_true_is_found_out(town: Town, server: OddServer) -> None:
    server.mails[4] = a_mail(4, text="x" * 2 * MIB)
    server.sizes = {1: 0, 4: 10}
    async with town.reading({"contact": server.account}, lmtp_max_bytes=MIB):
        await town.takes(1, 2, 3, 4)
    assert [each.unread for each in town.received].count(True) == 1


async def test_the_order_of_the_mailbox_is_kept_and_many_are_fetched_at_once(town: Town, server: OddServer) -> None:
    server.mails = {uid: a_mail(uid) for uid in range(1, 101)}
    async with town.reading({"contact": server.account}):
        await until(lambda: len(town.received) == 100, "all")
    fetches = [each for each in server.heard if "BODY.PEEK[]" in each]
    assert len(fetches) == 4
    assert [each.count(",") + 1 for each in fetches] == [32, 32, 32, 4]


async def test_a_list_of_very_many_mails_is_read(server: OddServer) -> None:
    server.mails = dict.fromkeys(range(1_000_000, 1_200_000), b"")

    def searched() -> list[int]:
        session = MailboxSession(server.account, ssl.create_default_context(), Line())
        try:
            session.sign_in("password", "")
            session.select(to_change=False)
            return session.search(0, None)
        finally:
            session.close()

    assert len(await asyncio.to_thread(searched)) == 200_000


async def test_a_password_of_any_characters_opens_and_is_told_to_nobody_else(
    town: Town, server: OddServer, capfd: pytest.CaptureFixture[str]
) -> None:
    town.password("contact", 'a"b\\c é')
    async with town.reading({"contact": server.account}):
        await town.takes(1, 2, 3)
    said = capfd.readouterr()
    assert 'a"b' not in said.out + said.err
    assert WHOLE[1] in server.capabilities


async def test_a_mail_that_the_broker_does_not_take_keeps_no_other_and_holds_the_place(
    town: Town, server: OddServer
) -> None:
    taken = town.world.broker.publish
    refuse = {"2@exemple.test"}

    async def publish(publication: Any) -> None:
        content = await town.world.content(publication.event)
        if content.thread is not None and content.thread.message_id in refuse:
            raise TransientError("the broker is away")
        await taken(publication)

    town.world.broker.publish = publish  # type: ignore[method-assign]
    async with town.reading({"contact": server.account}):
        await town.takes(1, 3)
        server.put(4, a_mail(4))
        await town.takes(1, 3, 4)
        assert [each.uid for each in town.world.mailbox_places.places.values()] == [1]
        refuse.clear()
        await town.takes(1, 2, 3, 4)
        await until(lambda: [each.uid for each in town.world.mailbox_places.places.values()] == [4], "the place")


async def test_a_password_that_a_server_cannot_take_is_said(
    town: Town, server: OddServer, capfd: pytest.CaptureFixture[str]
) -> None:
    server.capabilities = ("IMAP4rev1",)
    async with town.reading({"contact": server.account}):
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_REFUSED}, "an alarm")
    assert "in ASCII alone" in capfd.readouterr().out


async def test_all_of_it_ends_at_once_when_the_process_is_told_to(town: Town, server: OddServer) -> None:
    server.silent_at = "UID FETCH"
    async with asyncio.timeout(5):
        async with town.reading({"contact": server.account}):
            await until(lambda: any(each.startswith("UID FETCH") for each in server.heard), "under way")
