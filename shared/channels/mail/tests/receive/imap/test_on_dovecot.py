"""Mailboxes of a real Dovecot are read: each mail once, in whatever order things die."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from guichet.contracts.inbound import DateSource
from guichet.contracts.topics import MIB
from guichet.runtime.telemetry.alarms import Alarm
from guichet_mail.receive.imap.poll import place_name
from guichet_testing.real.dovecot import Dovecot
from guichet_testing.real.maildir import Mailbox
from guichet_testing.until import until
from shared.channels.mail.tests.receive.imap.town_mailbox import (
    CONTACT,
    PASSWORD,
    Town,
    a_mail,
    account,
    alarms_of,
)

RARELY = timedelta(minutes=5)


@pytest.fixture
def town(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Town:
    town = Town(dovecot, monkeypatch)
    town.password("contact")
    return town


@pytest.fixture
def mailbox(town: Town) -> Mailbox:
    return town.dovecot.add_user(CONTACT, PASSWORD)


def flags(mailbox: Mailbox, flag: str) -> list[bool]:
    return [flag in each.flags for each in mailbox.listing()]


async def test_what_lies_there_and_what_comes_is_taken_in_once_and_left(town: Town, mailbox: Mailbox) -> None:
    mailbox.deliver([a_mail(1), a_mail(2)])
    async with town.reading({"contact": account(town.dovecot)}):
        await town.takes(1, 2)
        mailbox.deliver([a_mail(3)])
        await town.takes(1, 2, 3)
    assert [each.flags & {"\\Seen", "\\Flagged"} for each in mailbox.listing()] == [frozenset()] * 3
    assert all(each.accounts == (CONTACT,) for each in town.received)


async def test_the_next_process_goes_on_where_the_last_one_ended(town: Town, mailbox: Mailbox) -> None:
    places = town.world.mailbox_places.places
    mailbox.deliver([a_mail(1)])
    async with town.reading({"contact": account(town.dovecot)}):
        await town.takes(1)
        await until(lambda: any(each.uid for each in places.values()), "it has ended: its place is noted")
    mailbox.deliver([a_mail(2)])
    async with town.reading({"contact": account(town.dovecot)}):
        await town.takes(1, 2)


async def test_nothing_is_taken_that_came_before_the_day_that_the_town_says(town: Town, mailbox: Mailbox) -> None:
    mailbox.deliver([a_mail("ancien")], datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC))
    mailbox.deliver([a_mail("premier")], datetime(2025, 12, 31, 23, tzinfo=UTC))
    async with town.reading({"contact": account(town.dovecot)}):
        await town.takes("premier")
        mailbox.deliver([a_mail("déplacé")], datetime(2025, 6, 1, tzinfo=UTC))
        mailbox.deliver([a_mail("nouveau")])
        await town.takes("premier", "nouveau")


async def test_a_mail_keeps_the_date_at_which_its_mailbox_took_it(town: Town, mailbox: Mailbox) -> None:
    taken = (datetime.now(UTC) - timedelta(days=2)).replace(microsecond=0)
    date = f"Date: {taken:%a, %d %b %Y %H:%M:%S} +0000"
    mailbox.deliver([a_mail(1).replace(b"Date: Mon, 02 Mar 2026 10:30:00 +0100", date.encode())], taken)
    async with town.reading({"contact": account(town.dovecot)}):
        await town.takes(1)
    [event] = town.received
    assert (event.received_at.replace(microsecond=0), event.dated_by) == (taken, DateSource.MAILBOX)
    assert event.arrived_at == town.world.time


async def test_news_come_within_seconds_and_no_look_is_waited_for(town: Town, mailbox: Mailbox) -> None:
    async with town.reading({"contact": account(town.dovecot)}, imap_poll_every=RARELY):
        for number in (1, 2, 3):
            mailbox.deliver([a_mail(number)])
            await town.takes(*range(1, number + 1))  # gives up long before the next look


async def test_a_server_that_ends_and_comes_back_is_read_on(town: Town, mailbox: Mailbox) -> None:
    async with town.reading({"contact": account(town.dovecot)}, imap_poll_every=RARELY):
        mailbox.deliver([a_mail(1)])
        await town.takes(1)
        for number, end in ((2, town.dovecot.stop), (3, town.dovecot.kill)):
            end()
            mailbox.deliver([a_mail(number)])
            town.dovecot.start()
            await town.takes(*range(1, number + 1))
    assert alarms_of("contact") == set()


@pytest.mark.parametrize("afterwards", ["flag", {"flag": "\\Seen"}])
async def test_a_mail_is_flagged_once_the_broker_holds_it_and_not_before(
    town: Town, mailbox: Mailbox, afterwards: object
) -> None:
    flag = "\\Flagged" if afterwards == "flag" else "\\Seen"
    town.world.broker.may_confirm.clear()
    mailbox.deliver([a_mail(1), a_mail(2)])
    async with town.reading({"contact": account(town.dovecot, afterwards=afterwards)}):
        await town.world.broker.asked.wait()
        assert flags(mailbox, flag) == [False, False]
        town.world.broker.may_confirm.set()
        await town.takes(1, 2)
        await until(lambda: all(flags(mailbox, flag)), "flags")


async def test_a_mail_is_moved_once_the_broker_holds_it_and_not_before(town: Town, mailbox: Mailbox) -> None:
    done = mailbox.add_folder("Traités & rangés")
    town.world.broker.may_confirm.clear()
    mailbox.deliver([a_mail(1), a_mail(2)])
    async with town.reading({"contact": account(town.dovecot, afterwards={"move": "Traités & rangés"})}):
        await town.world.broker.asked.wait()
        assert (len(mailbox.listing()), len(done.listing())) == (2, 0)
        town.world.broker.may_confirm.set()
        await town.takes(1, 2)
        await until(lambda: len(done.listing()) == 2, "moved")
        mailbox.deliver([a_mail(3)])
        await town.takes(1, 2, 3)
    assert mailbox.listing() == []


async def test_another_folder_is_read_by_the_name_that_people_gave_it(town: Town, mailbox: Mailbox) -> None:
    folder = mailbox.add_folder("Courriers reçus")
    folder.deliver([a_mail(1)])
    mailbox.deliver([a_mail("ailleurs")])
    async with town.reading({"contact": account(town.dovecot, folder="Courriers reçus")}):
        await town.takes(1)


async def test_a_mailbox_that_was_rebuilt_doubles_nothing_and_loses_nothing(town: Town, mailbox: Mailbox) -> None:
    old = datetime.now(UTC) - timedelta(days=31)
    mailbox.deliver([a_mail("vieux")], old)
    mailbox.deliver([a_mail(1), a_mail(2)])
    async with town.reading({"contact": account(town.dovecot)}):
        await town.takes("vieux", 1, 2)
        ids = {each.message_id for each in town.received}
        before = mailbox.uid_validity()
        mailbox.deliver([a_mail(3)])
        mailbox.rebuild()
        await until(lambda: len({each.message_id for each in town.received}) == 4, "the mail that came meanwhile")
        place = place_name("contact", account(town.dovecot))
        places = town.world.mailbox_places.places
        await until(lambda: places[place].validity != before and places[place].uid >= 4, "read to its end")
    again = [each.message_id for each in town.received[3:]]
    assert len({*again} & ids) == 2, "what is older than 30 days before the newest was taken in again"


async def test_another_user_or_folder_is_another_mailbox(town: Town, mailbox: Mailbox) -> None:
    mailbox.deliver([a_mail(1), a_mail(2), a_mail(3)])
    async with town.reading({"contact": account(town.dovecot)}):
        await town.takes(1, 2, 3)
    other = "accueil@mairie.example"
    town.dovecot.add_user(other, PASSWORD).deliver([a_mail(4, to=other)])
    async with town.reading({"contact": account(town.dovecot, other)}):
        await town.takes(1, 2, 3, 4)


async def test_of_twenty_mailboxes_two_that_are_broken_keep_no_other(town: Town) -> None:
    names = [f"boite-{number}" for number in range(20)]
    boxes = {name: town.dovecot.add_user(f"{name}@mairie.example", PASSWORD) for name in names}
    accounts = {name: account(town.dovecot, f"{name}@mairie.example") for name in names}
    for name in names:
        town.password(name, "faux" if name == "boite-3" else PASSWORD)
        boxes[name].deliver([a_mail(name, to=f"{name}@mairie.example")])
    boxes["boite-7"].break_down()
    well = [name for name in names if name not in ("boite-3", "boite-7")]
    async with town.reading(accounts, imap_poll_every=RARELY):
        await town.takes(*well)
        await until(lambda: alarms_of("boite-3") == {Alarm.MAILBOX_REFUSED}, "the refusal is an alarm")
        await until(lambda: alarms_of("boite-7") == {Alarm.MAILBOX_UNREADABLE}, "the broken mailbox is an alarm")
        for name in well:
            boxes[name].deliver([a_mail(f"{name} encore", to=f"{name}@mairie.example")])
        await town.takes(*well, *(f"{name} encore" for name in well))
        assert all(alarms_of(name) == set() for name in well)
        boxes["boite-7"].mend()
        await town.takes(*well, *(f"{name} encore" for name in well), "boite-7")
        assert alarms_of("boite-7") == set()


async def test_a_variable_that_is_not_set_keeps_no_other_mailbox(town: Town, mailbox: Mailbox) -> None:
    mailbox.deliver([a_mail(1)])
    accounts = {"contact": account(town.dovecot), "voirie": account(town.dovecot, "voirie@mairie.example")}
    async with town.reading(accounts):
        await town.takes(1)
        assert alarms_of("voirie") == {Alarm.MAILBOX_NOT_OPENED}


async def test_one_process_reads_and_another_takes_over(town: Town, mailbox: Mailbox) -> None:
    accounts = {"contact": account(town.dovecot)}
    mailbox.deliver([a_mail(1)])
    async with town.reading(accounts):
        await town.takes(1)
        async with town.reading(accounts):
            mailbox.deliver([a_mail(2)])
            await town.takes(1, 2)
    async with town.reading(accounts):
        mailbox.deliver([a_mail(3)])
        await town.takes(1, 2, 3)


async def test_a_store_that_is_away_is_waited_for(town: Town, mailbox: Mailbox) -> None:
    mailbox.deliver([a_mail(1)])
    town.world.mailbox_places.away = True
    async with town.reading({"contact": account(town.dovecot)}):
        await until(lambda: Alarm.MAILBOX_UNREADABLE in alarms_of("contact"), "an alarm")
        assert town.received == []
        town.world.mailbox_places.away = False
        await town.takes(1)
        await until(lambda: alarms_of("contact") == set(), "the end of the alarm")


async def test_a_mail_by_imap_is_the_one_that_came_by_lmtp(town: Town, mailbox: Mailbox) -> None:
    mail = a_mail(1)
    mailbox.deliver([b"Return-Path: <p@exemple.test>\r\nDelivered-To: contact@mairie.example\r\n" + mail])
    mailbox.deliver([mail.replace(b"\r\n", b"\n")])
    async with town.reading({"contact": account(town.dovecot)}):
        await until(lambda: len(town.received) == 2, "both")
    assert len({each.message_id for each in town.received}) == 1


async def test_a_mail_that_is_too_large_is_a_case_that_says_where_it_lies(town: Town, mailbox: Mailbox) -> None:
    done = mailbox.add_folder("Traités")
    large = a_mail("gros", text="x" * 70 + "\r\n" + ("y" * 70 + "\r\n") * 20_000)
    mailbox.deliver([a_mail(1), large, a_mail(2)])
    accounts = {"contact": account(town.dovecot, afterwards={"move": "Traités"})}
    async with town.reading(accounts, lmtp_max_bytes=MIB):
        await town.takes(1, "gros", 2)
        await until(lambda: len(done.listing()) == 2, "the others are moved")
    [unread] = [each for each in town.received if each.unread]
    content = await town.world.content(unread)
    assert content.text.startswith("[Ce courriel de 2 Mio est trop volumineux")
    assert "la boîte contact@mairie.example, dossier INBOX" in content.text
    assert content.sender[0].value == "perrine@exemple.test"
    assert [each.message_id for each in mailbox.listing()] == ["<gros@exemple.test>"]
    [head] = await town.world.files(unread)
    assert b"Message-ID: <gros@exemple.test>" in head
    assert b"yyyy" not in head


async def test_what_may_not_be_flagged_or_moved_is_taken_in_all_the_same(town: Town, mailbox: Mailbox) -> None:
    mailbox.deliver([a_mail(1)])
    async with town.reading({"contact": account(town.dovecot, afterwards={"move": "Nulle part"})}):
        await town.takes(1)
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_NOT_TIDIED}, "an alarm")
        mailbox.deliver([a_mail(2)])
        await town.takes(1, 2)
        mailbox.add_folder("Nulle part")
        mailbox.deliver([a_mail(3)])
        await town.takes(1, 2, 3)
        await until(lambda: alarms_of("contact") == set(), "the end of the alarm")


@pytest.mark.parametrize(
    "more",
    [
        {"security": "starttls"},
        {"security": "none"},
        {"host": "localhost"},
    ],
)
async def test_each_way_of_sealing_a_connection(town: Town, mailbox: Mailbox, more: dict[str, str]) -> None:
    mailbox.deliver([a_mail(1)])
    port = town.dovecot.tls_port if "host" in more else town.dovecot.port
    async with town.reading({"contact": account(town.dovecot, port=port, **more)}):
        await town.takes(1)


async def test_a_server_whose_certificate_nobody_vouches_for_gets_no_password(town: Town, mailbox: Mailbox) -> None:
    mailbox.deliver([a_mail(1)])
    async with town.reading({"contact": account(town.dovecot)}, imap_ca_file=None):
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_UNREADABLE}, "an alarm")
    assert town.received == []


async def test_a_changed_password_is_an_alarm_until_it_is_right_again(town: Town, mailbox: Mailbox) -> None:
    town.dovecot.change_password(CONTACT, "autre")
    mailbox.deliver([a_mail(1)])
    async with town.reading({"contact": account(town.dovecot)}):
        await until(lambda: alarms_of("contact") == {Alarm.MAILBOX_REFUSED}, "an alarm")
    town.password("contact", "autre")
    async with town.reading({"contact": account(town.dovecot)}):
        await town.takes(1)
        await until(lambda: alarms_of("contact") == set(), "the end of the alarm")


async def test_many_mails_are_taken_in_though_the_connection_breaks(town: Town, mailbox: Mailbox) -> None:
    mailbox.deliver(a_mail(number) for number in range(300))
    async with town.reading({"contact": account(town.dovecot)}):
        await until(lambda: len(town.received) >= 40, "the first")
        town.dovecot.kill()
        town.dovecot.start()
        await until(partial(_all_are_there, town, 300), "all")


def _all_are_there(town: Town, number: int) -> bool:
    return len({each.message_id for each in town.received}) == number
