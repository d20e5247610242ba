"""The mail to an agent: when it is time, what it says, and what it says of nobody."""

import dataclasses
import email
import re
from datetime import UTC, date, datetime
from email.policy import default

import pytest

from guichet.contracts.delivery import OWN_MAIL_HEADER
from guichet.ids import MessageId, Reference
from guichet.law.calendar import WorkingDays
from guichet.store.agents.news import NewsKind, ReachedDay
from guichet.store.agents.preferences import MailWish
from notifier.domain.agent_letter import CASES_NAMED, MailContent, agent_letter
from notifier.domain.agent_mail_times import SETTLES, told_until
from notifier.domain.due_lines import DueCase

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


def read(about, language="fr", town=None, due=()):
    letter = agent_letter(MAIL, MailContent("claire.dumas@ville.example", language, about, due), town, DESK, "email")
    mail = email.message_from_bytes(letter.mail.message, policy=default)
    return letter, mail, mail.get_content().replace("\r\n", "\n")


def test_it_says_why_and_of_which_case_and_where_and_no_more(town):
    about = [(NewsKind.GIVEN, HOLE), (NewsKind.MENTION, HOLE), (NewsKind.MENTION, HOLE), (NewsKind.CALL, LAMP)]
    _, mail, text = read(about, town=town)
    assert mail["Subject"] == "Guichet\N{NO-BREAK SPACE}: 2 demandes vous attendent"
    assert f"- {HOLE}\N{NO-BREAK SPACE}: cette demande vous est attribuée, une note interne vous mentionne\n" in text
    assert f"- {LAMP}\N{NO-BREAK SPACE}: quelqu’un attend d’être rappelé\n" in text
    assert f"{DESK}/pour-moi" in text
    assert f"{DESK}/preferences" in text
    assert mail["To"] == "claire.dumas@ville.example"
    assert "Claire" not in str(mail), "nobody's name"
    _, mail, text = read([(NewsKind.BACK, HOLE)], "en", town)
    assert mail["Subject"] == "Guichet: one case is waiting for you"
    assert f"- {HOLE}: it was put off, and is back\n" in text
    assert mail["Content-Language"] == "en"
    assert read([(NewsKind.BACK, HOLE)], "de", town)[1]["Content-Language"] == "fr"


def test_what_is_due_is_named_by_reference_clock_and_day_and_counted_in_the_subject(town):
    late = DueCase(LAMP, ReachedDay(clock="are", stage="late", on=date(2026, 5, 7)))
    _, mail, text = read([(NewsKind.GIVEN, HOLE)], town=town, due=[late])
    assert mail["Subject"] == "Guichet\N{NO-BREAK SPACE}: 2 demandes vous attendent"
    assert f"- {LAMP}, Accusé de réception (ARE)\N{NO-BREAK SPACE}: échéance du 7 mai 2026 dépassée\n" in text
    _, mail, text = read([], town=town, due=[late])
    assert mail["Subject"] == "Guichet\N{NO-BREAK SPACE}: une demande vous attend"
    assert "\n\n\n" not in text, "no gap where nothing else is told"
    assert re.search(r" [:;!?»]|« ", text) is None


def test_no_machine_answers_it_and_none_takes_it_for_a_citizens(town):
    letter, mail, _ = read([(NewsKind.BACK, HOLE)], town=town)
    assert letter.mail.envelope_sender == "", "the null return path: no bounce, no absence notice"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail[OWN_MAIL_HEADER] == MAIL
    assert mail["Message-ID"] == f"<{MAIL}@mairie.example>"
    assert "Date" not in mail, "each attempt has its own"


def test_every_kind_of_news_of_which_a_mail_tells_has_words(town):
    for kind in set(NewsKind) - {NewsKind.TAKEN, NewsKind.DUE}:
        for language in ("fr", "en"):
            assert read([(kind, HOLE)], language, town)[2]


@pytest.mark.parametrize(
    ("others", "language", "said"),
    [
        (5, "fr", "… et 5 autres\n"),
        (1, "fr", "… et 1 autre\n"),
        (5, "en", "… and 5 more\n"),
        (1, "en", "… and 1 more\n"),
    ],
)
def test_of_many_cases_it_names_some_and_counts_the_others(town, others, language, said):
    about = [(NewsKind.GIVEN, Reference(f"2026-{nth:04}-29Q")) for nth in range(CASES_NAMED + others)]
    _, mail, text = read(about, language, town)
    assert f" {CASES_NAMED + others} " in mail["Subject"]
    assert text.count("\n- ") == CASES_NAMED
    assert said in text


@pytest.mark.parametrize(("name", "said"), [("Le Havre", "mairie du Havre"), ("Arles", "mairie d’Arles")])
def test_it_names_the_town_as_one_says_it(town, name, said):
    _, mail, _ = read([(NewsKind.BACK, HOLE)], town=dataclasses.replace(town, name=name))
    assert mail["From"].addresses[0].display_name == f"Guichet, {said}"


def test_no_line_of_it_breaks_where_french_does_not(town):
    _, mail, text = read([(kind, HOLE) for kind in set(NewsKind) - {NewsKind.TAKEN, NewsKind.DUE}], town=town)
    assert re.search(r" [:;!?»]|« ", mail["Subject"] + text) is None
