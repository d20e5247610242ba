"""What operators hear of a mailbox that cannot be read: one thing at a time, the one that a person must see to."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from guichet.runtime.telemetry.alarms import Alarm
from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.connection.errors import MailboxError, SignInRefusedError
from guichet_mail.receive.imap.report import Report
from guichet_mail.settings import MailSettings
from shared.channels.mail.tests.receive.imap.town_mailbox import CONTACT, alarms_of

AWAY, REFUSED = MailboxError("the server takes no connection."), SignInRefusedError("nobody is let in.")
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
PATIENCE = MailSettings().imap_unreadable_after


@pytest.fixture
def report() -> Iterator[Report]:
    account = ImapAccount(host="imap.mairie.example", user=CONTACT, since=date(2026, 1, 1))
    report = Report("reported", account, PATIENCE)
    yield report
    report.another_reads()


def fails(report: Report, seconds: float, begun: datetime = NOON) -> None:
    """Have a mailbox be tried every second, for so long."""
    for second in range(int(seconds) + 1):
        report.failed(AWAY, begun + timedelta(seconds=second))


def test_a_server_that_restarts_is_no_alarm(report: Report) -> None:
    fails(report, 30)
    assert alarms_of("reported") == set()


def test_a_mailbox_that_cannot_be_read_for_five_minutes_is_an_alarm(report: Report) -> None:
    fails(report, 5 * 60 - 1)
    assert alarms_of("reported") == set()
    report.failed(AWAY, NOON + timedelta(minutes=5))
    assert alarms_of("reported") == {Alarm.MAILBOX_UNREADABLE}


def test_one_that_was_read_meanwhile_begins_anew(report: Report) -> None:
    fails(report, 4 * 60)
    report.polled(0, NOON + timedelta(minutes=4))
    fails(report, 4 * 60, NOON + timedelta(minutes=4))
    assert alarms_of("reported") == set()


def test_a_server_that_was_away_and_then_lets_nobody_in_is_one_alarm(report: Report) -> None:
    fails(report, PATIENCE.total_seconds())
    assert alarms_of("reported") == {Alarm.MAILBOX_UNREADABLE}
    report.failed(REFUSED, NOON + PATIENCE)
    assert alarms_of("reported") == {Alarm.MAILBOX_REFUSED}


def test_a_refusal_stands_while_the_server_is_away_until_the_mailbox_was_read(report: Report) -> None:
    report.failed(REFUSED, NOON)
    assert alarms_of("reported") == {Alarm.MAILBOX_REFUSED}
    fails(report, PATIENCE.total_seconds())
    assert alarms_of("reported") == {Alarm.MAILBOX_REFUSED}
    report.polled(0, NOON + PATIENCE)
    assert alarms_of("reported") == set()
    fails(report, PATIENCE.total_seconds(), NOON + PATIENCE)
    assert alarms_of("reported") == {Alarm.MAILBOX_UNREADABLE}
