"""Mailboxes of a real Dovecot are read: each mail once, in whatever order things die."""

from datetime import UTC, datetime

import pytest

from guichet_testing.real.dovecot import Dovecot
from shared.channels.mail.tests.receive.imap.town_mailbox import CONTACT, PASSWORD, Town, a_mail, account


@pytest.fixture
def town(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Town:
    town = Town(dovecot, monkeypatch)
    town.password("contact")
    return town


async def test_what_lies_there_and_what_comes_is_taken_in_once_and_left(town: Town) -> None:
    mailbox = town.dovecot.add_user(CONTACT, PASSWORD)
    mailbox.deliver([a_mail(1), a_mail(2)])
    async with town.reading({"contact": account(town.dovecot)}):
        await town.takes(1, 2)
        mailbox.deliver([a_mail(3)])
        await town.takes(1, 2, 3)
    assert [each.flags & {"\\Seen", "\\Flagged"} for each in mailbox.listing()] == [frozenset()] * 3
    assert all(each.accounts == (CONTACT,) for each in town.received)


async def test_the_next_process_goes_on_where_the_last_one_ended(town: Town) -> None:
    mailbox = town.dovecot.add_user(CONTACT, PASSWORD)
    mailbox.deliver([a_mail(1)])
    async with town.reading({"contact": account(town.dovecot)}):
        await town.takes(1)
    mailbox.deliver([a_mail(2)])
    async with town.reading({"contact": account(town.dovecot)}):
        await town.takes(1, 2)


async def test_nothing_is_taken_that_came_before_the_day_that_the_town_says(town: Town) -> None:
    mailbox = town.dovecot.add_user(CONTACT, PASSWORD)
    mailbox.deliver([a_mail("ancien")], datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC))
    mailbox.deliver([a_mail("premier")], datetime(2025, 12, 31, 23, tzinfo=UTC))
    async with town.reading({"contact": account(town.dovecot)}):
        await town.takes("premier")
        mailbox.deliver([a_mail("déplacé")], datetime(2025, 6, 1, tzinfo=UTC))
        mailbox.deliver([a_mail("nouveau")])
        await town.takes("premier", "nouveau")
