"""What operators hear of a mailbox that cannot be read: one thing at a time, the one that a person must see to."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from guichet.runtime.telemetry.alarms import Alarm
from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.connection.errors import MailboxError, SignInRefusedError
from guichet_mail.receive.imap.report import FAILURES, Report
from shared.channels.mail.tests.receive.imap.town_mailbox import CONTACT, alarms_of

AWAY, REFUSED = MailboxError("the server takes no connection."), SignInRefusedError("nobody is let in.")


@pytest.fixture
def report() -> Iterator[Report]:
    report = Report("reported", ImapAccount(host="imap.mairie.example", user=CONTACT, since=date(2026, 1, 1)))
    yield report
    report.another_reads()


def test_a_server_that_was_away_and_then_lets_nobody_in_is_one_alarm(report: Report) -> None:
    for _ in range(FAILURES):
        report.failed(AWAY)
    assert alarms_of("reported") == {Alarm.MAILBOX_UNREADABLE}
    report.failed(REFUSED)
    assert alarms_of("reported") == {Alarm.MAILBOX_REFUSED}


def test_a_refusal_stands_while_the_server_is_away_until_the_mailbox_was_read(report: Report) -> None:
    report.failed(REFUSED)
    for _ in range(FAILURES):
        report.failed(AWAY)
    assert alarms_of("reported") == {Alarm.MAILBOX_REFUSED}
    report.polled(0, datetime.now(UTC))
    assert alarms_of("reported") == set()
    for _ in range(FAILURES):
        report.failed(AWAY)
    assert alarms_of("reported") == {Alarm.MAILBOX_UNREADABLE}
