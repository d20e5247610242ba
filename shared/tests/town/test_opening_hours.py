"""When a department is open: read as a clerk writes it, by the clock of Paris, never on a public holiday."""

from datetime import datetime

import pytest
from pydantic import ValidationError

from guichet.law.calendar import PARIS, WorkingDays
from guichet.town.opening_hours import OpeningHours

HOURS = OpeningHours(friday="8:30-12:00, 13:30 - 17:00", sunday="01:00-04:00")


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-03-27T08:29:59", False),
        ("2026-03-27T08:30", True),
        ("2026-03-27T12:00", False),
        ("2026-03-27T16:59", True),
        ("2026-03-28T09:00", False),
        ("2026-05-01T09:00", False),  # a Friday, Labour Day
        ("2026-03-29T03:30", True),  # the clocks went forward over half of it
    ],
)
def test_it_is_open_by_the_clock_of_paris(at, is_open):
    assert HOURS.is_open(paris(at), WorkingDays()) is is_open


@pytest.mark.parametrize(
    ("begins", "ends", "throughout"),
    [
        ("2026-03-27T08:30", "2026-03-27T12:00", True),
        ("2026-03-27T11:00", "2026-03-27T14:00", False),
        ("2026-03-27T09:00", "2026-04-03T09:00", False),
        ("2026-05-01T09:00", "2026-05-01T10:00", False),
    ],
)
def test_it_is_open_throughout_one_opening(begins, ends, throughout):
    assert HOURS.is_open_throughout(paris(begins), paris(ends), WorkingDays()) is throughout


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("8h30-12h", "write it like"),
        ("8:30-25:00", "write it like"),
        ("12:00-8:30", "ends before it begins"),
        ("8:30-12:00, 11:00-13:00", "begins after the one before it"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(written, words):
    with pytest.raises(ValidationError, match=words):
        OpeningHours(monday=written)
