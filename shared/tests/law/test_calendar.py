"""The legal calendar: golden vectors of the domain (1.7) and what must hold on any day."""

from datetime import UTC, date, datetime, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.law.calendar import WorkingDays, months_later, paris_date
from guichet.law.territories import Territory, public_holidays

FRANCE = WorkingDays()
ALSACE_MOSELLE = WorkingDays(Territory.ALSACE_MOSELLE)
DAYS = st.dates(date(2020, 1, 1), date(2045, 12, 31))

# received, AEE due, ARE due, ARE due in Alsace-Moselle, two months later
GOLDEN = [
    ("2026-01-05", "2026-01-06", "2026-01-19", "2026-01-19", "2026-03-05"),
    ("2026-04-02", "2026-04-03", "2026-04-17", "2026-04-20", "2026-06-02"),
    ("2026-04-30", "2026-05-04", "2026-05-19", "2026-05-19", "2026-06-30"),
    ("2026-05-07", "2026-05-11", "2026-05-26", "2026-05-26", "2026-07-07"),
    ("2026-05-13", "2026-05-15", "2026-05-29", "2026-05-29", "2026-07-13"),
    ("2026-12-23", "2026-12-24", "2027-01-08", "2027-01-08", "2027-02-23"),
    ("2026-12-31", "2027-01-04", "2027-01-15", "2027-01-15", "2027-02-28"),
    ("2027-12-31", "2028-01-03", "2028-01-14", "2028-01-14", "2028-02-29"),
]


@pytest.mark.parametrize(("received", "aee", "are", "are_alsace", "silence"), GOLDEN)
def test_r2_the_golden_vectors_of_the_domain(received: str, aee: str, are: str, are_alsace: str, silence: str) -> None:
    """R2 (docs/law.md 8, 14)."""
    day = date.fromisoformat(received)
    assert FRANCE.aee_due(day) == date.fromisoformat(aee)
    assert FRANCE.are_due(day) == date.fromisoformat(are)
    assert ALSACE_MOSELLE.are_due(day) == date.fromisoformat(are_alsace)
    assert months_later(day, 2) == date.fromisoformat(silence)


def test_good_friday_is_no_holiday_in_a_commune_without_a_protestant_temple() -> None:
    """docs/law.md 14."""
    friday, boxing_day = date(2026, 4, 3), date(2025, 12, 26)
    kept, not_kept = (WorkingDays(Territory.ALSACE_MOSELLE, good_friday=there) for there in (True, False))
    assert (kept.is_holiday(friday), not_kept.is_holiday(friday), not_kept.is_holiday(boxing_day)) == (
        True,
        False,
        True,
    )


def test_good_friday_moves_the_aee_in_alsace_moselle_only() -> None:
    assert ALSACE_MOSELLE.aee_due(date(2026, 4, 2)) == date(2026, 4, 7)


def test_a_whole_working_day_lies_behind_what_came_before_the_previous_one_began() -> None:
    monday = datetime(2026, 4, 27, 7, tzinfo=UTC)  # Friday the 24th began on Thursday evening, in UTC
    assert FRANCE.start_of_previous(monday) == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert FRANCE.start_of_previous(monday - timedelta(days=2)) == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert FRANCE.before(date(2026, 5, 4)) == date(2026, 4, 30), "past the first of May"
    assert ALSACE_MOSELLE.before(date(2026, 4, 4)) == date(2026, 4, 2), "past Good Friday"


SUBDIVISIONS = {  # as the library calls them
    Territory.METROPOLITAN: None,
    Territory.ALSACE_MOSELLE: "57",
    Territory.GUADELOUPE: "971",
    Territory.MARTINIQUE: "972",
    Territory.GUYANE: "973",
    Territory.LA_REUNION: "974",
    Territory.MAYOTTE: "976",
    Territory.SAINT_BARTHELEMY: "BL",
    Territory.SAINT_MARTIN: "MF",
}
CUSTOMS = {"Vendredi saint", "Mi-Carême", "Fête de Victor Schoelcher"}
"""What the library adds overseas: kept there by custom or a collective agreement, and not in the labour code."""


@pytest.mark.parametrize("territory", Territory)
def test_the_holidays_are_those_of_the_library(territory: Territory) -> None:
    customs = set() if territory is Territory.ALSACE_MOSELLE else CUSTOMS
    for year in range(2018, 2100):
        theirs = holidays.country_holidays("FR", subdiv=SUBDIVISIONS[territory], years=year, language="fr")
        by_law = {day for day, name in theirs.items() if name not in customs}
        assert public_holidays(year, territory) == by_law, year


def test_the_end_of_slavery_is_a_holiday_where_it_came_and_nowhere_else() -> None:
    martinique, france = WorkingDays(Territory.MARTINIQUE), WorkingDays()
    thursday = date(2025, 5, 21)
    assert france.aee_due(thursday) == date(2025, 5, 22)
    assert martinique.aee_due(thursday) == date(2025, 5, 23)


@given(day=DAYS, territory=st.sampled_from(Territory))
def test_the_first_working_day_from_a_day_is_itself_or_the_next(day: date, territory: Territory) -> None:
    calendar = WorkingDays(territory)
    first = calendar.first_from(day)
    assert calendar.is_working(first)
    assert first == day if calendar.is_working(day) else first == calendar.after(day, 1)


def test_half_past_eleven_at_night_utc_is_the_next_day_in_paris() -> None:
    assert paris_date(datetime(2026, 4, 30, 23, 30, tzinfo=UTC)) == date(2026, 5, 1)


def test_a_time_without_a_zone_has_no_legal_date() -> None:
    with pytest.raises(ValueError, match="aware"):
        paris_date(datetime(2026, 4, 30, 23, 30))  # noqa: DTZ001


def test_the_receipt_is_overdue_at_midnight_in_paris_after_the_due_day() -> None:
    deadline = FRANCE.aee_deadline(datetime(2026, 4, 30, 10, tzinfo=UTC))
    assert deadline.astimezone(UTC) == datetime(2026, 5, 4, 22, tzinfo=UTC)  # 5 May 0:00, summer time


@given(day=DAYS, count=st.integers(1, 30), calendar=st.sampled_from([FRANCE, ALSACE_MOSELLE]))
def test_the_due_day_is_working_and_exactly_count_working_days_away(
    day: date, count: int, calendar: WorkingDays
) -> None:
    due = calendar.after(day, count)
    between = [day + timedelta(days=n) for n in range(1, (due - day).days + 1)]
    assert calendar.is_working(due)
    assert sum(calendar.is_working(each) for each in between) == count


@given(day=DAYS)
def test_alsace_moselle_is_never_earlier(day: date) -> None:
    assert ALSACE_MOSELLE.are_due(day) >= FRANCE.are_due(day)


@given(day=DAYS, months=st.integers(0, 24))
def test_months_run_from_day_to_day_or_to_the_last_day(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@given(at=st.datetimes(datetime(2020, 1, 1), datetime(2045, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_paris_date_is_never_before_the_utc_date(at: datetime) -> None:
    assert paris_date(at) - at.date() in (timedelta(0), timedelta(days=1))
