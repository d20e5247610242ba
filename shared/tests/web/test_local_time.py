"""Instants as people in the town read them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from babel.dates import format_date, format_timedelta

from guichet.town.long_dates import long_date, weekday_and_date
from guichet.web.local_time import clock_time, short_age, short_date

LATE = datetime(2026, 4, 30, 23, 30, tzinfo=UTC)  # already 1 May in Paris


def test_dates_are_dates_in_paris():
    assert short_date(LATE) == "01/05/2026"
    assert clock_time(LATE) == "01:30"
    assert long_date(LATE, "fr") == "1er mai 2026"
    assert long_date(LATE, "en") == "1 May 2026"
    assert long_date(date(2026, 5, 1), "fr") == "1er mai 2026"
    assert long_date(datetime(2026, 12, 23, tzinfo=UTC), "fr") == "23 décembre 2026"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_long_date_has_the_words_of_unicode_s_locale_data(language):
    for day in (datetime(2028, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(366)):
        known = format_date(day, "d MMMM y", locale=language)
        assert long_date(day, language).replace("1er ", "1 ") == known


@pytest.mark.parametrize(
    ("ago", "french", "english"),
    [
        (timedelta(seconds=-5), "à l’instant", "just now"),
        (timedelta(minutes=6), "il y a 6\u00a0min", "6 min ago"),
        (timedelta(minutes=119), "il y a 1\u00a0h", "1 hr ago"),
        (timedelta(hours=20), "hier", "yesterday"),
        (timedelta(days=2), "mar.", "Tue"),
        (timedelta(days=7), "23/04", "23/04"),
        (timedelta(days=400), "26/03/2025", "26/03/2025"),
    ],
)
def test_how_long_ago(ago, french, english):
    now = datetime(2026, 4, 30, 16, tzinfo=UTC)  # a Thursday, six in the evening in Paris
    assert (short_age(now - ago, now, "fr"), short_age(now - ago, now, "en")) == (french, english)


@pytest.mark.parametrize(("language", "locale"), [("fr", "fr"), ("en", "en_GB")])
def test_minutes_and_hours_ago_have_the_words_of_unicode_s_locale_data(language, locale):
    night = datetime(2026, 4, 30, 21, 30, tzinfo=UTC)
    for ago in (*(timedelta(minutes=minutes) for minutes in (1, 2, 59)), *(timedelta(hours=h) for h in (1, 2, 23))):
        known = format_timedelta(-ago, add_direction=True, format="short", locale=locale, threshold=1)
        assert short_age(night - ago, night, language) == known


def test_a_day_is_said_with_the_day_of_the_week():
    assert weekday_and_date(date(2026, 5, 1), "fr") == "vendredi 1er mai 2026"
    assert weekday_and_date(date(2026, 5, 1), "en") == "Friday 1 May 2026"
