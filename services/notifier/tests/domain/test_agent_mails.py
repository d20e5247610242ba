"""The mail to an agent: when it is time, what it says, and what it says of nobody."""

import email
from datetime import UTC, datetime
from email.policy import default

import pytest

from guichet.contracts.delivery import OWN_MAIL_HEADER
from guichet.ids import MessageId, Reference
from guichet.law.calendar import WorkingDays
from guichet.store.agents.news import NewsKind
from guichet.store.agents.preferences import MailWish
from notifier.domain.agent_letter import CASES_NAMED, MailContent, agent_letter
from notifier.domain.agent_mail_times import SETTLES, told_until

MAIL, HOLE, LAMP = MessageId("0f9e8d7c6b5a49382716051423324150"), Reference("2026-7F3K-29Q"), Reference("2026-8M2R-31T")
DESK = "https://agents.mairie.example"


def paris(day, hour):
    return datetime(2026, 5, day, hour - 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (paris(5, 8), paris(5, 8)),  # Tuesday
        (paris(5, 23), paris(5, 8)),
        (paris(5, 7), paris(4, 8)),
        (paris(3, 12), datetime(2026, 4, 30, 6, tzinfo=UTC)),  # Sunday, after Labour Day on the Friday
        (paris(4, 7), datetime(2026, 4, 30, 6, tzinfo=UTC)),
        (paris(4, 9), paris(4, 8)),
    ],
)
def test_a_summary_is_of_what_came_before_the_last_morning_of_a_working_day(now, until):
    assert told_until(MailWish.MORNING, now, WorkingDays()) == until
    assert told_until(MailWish.SOON, now, WorkingDays()) == now - SETTLES


def read(about, language="fr", town=None):
    letter = agent_letter(MAIL, MailContent("claire.dumas@ville.example", language, about), town, DESK, "email")
    mail = email.message_from_bytes(letter.mail.message, policy=default)
    return letter, mail, mail.get_content().replace("\r\n", "\n")


def test_it_says_why_and_of_which_case_and_where_and_no_more(town):
    about = [(NewsKind.GIVEN, HOLE), (NewsKind.MENTION, HOLE), (NewsKind.MENTION, HOLE), (NewsKind.CALL, LAMP)]
    _, mail, text = read(about, town=town)
    assert mail["Subject"] == "Guichet : 2 demandes vous attendent"
    assert f"- {HOLE} : cette demande vous est attribuée, une note interne vous mentionne\n" in text
    assert f"- {LAMP} : quelqu’un attend d’être rappelé\n" in text
    assert f"{DESK}/pour-moi" in text
    assert f"{DESK}/preferences" in text
    assert mail["To"] == "claire.dumas@ville.example"
    assert "Claire" not in str(mail), "nobody's name"
    _, mail, text = read([(NewsKind.BACK, HOLE)], "en", town)
    assert mail["Subject"] == "Guichet: one case is waiting for you"
    assert f"- {HOLE}: it was put off, and is back\n" in text


def test_no_machine_answers_it_and_none_takes_it_for_a_citizens(town):
    letter, mail, _ = read([(NewsKind.BACK, HOLE)], town=town)
    assert letter.mail.envelope_sender == "", "the null return path: no bounce, no absence notice"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail[OWN_MAIL_HEADER] == MAIL
    assert mail["Message-ID"] == f"<{MAIL}@mairie.example>"
    assert "Date" not in mail, "each attempt has its own"


def test_every_kind_of_news_of_which_a_mail_tells_has_words(town):
    for kind in set(NewsKind) - {NewsKind.TAKEN}:
        for language in ("fr", "en"):
            assert read([(kind, HOLE)], language, town)[2]


def test_of_many_cases_it_names_some_and_counts_the_others(town):
    about = [(NewsKind.GIVEN, Reference(f"2026-{nth:04}-29Q")) for nth in range(CASES_NAMED + 5)]
    _, mail, text = read(about, town=town)
    assert mail["Subject"] == f"Guichet : {CASES_NAMED + 5} demandes vous attendent"
    assert text.count("\n- ") == CASES_NAMED
    assert "… et 5 autres" in text
