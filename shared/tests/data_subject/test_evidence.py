"""A threat is kept as evidence from the day on which somebody says so, until that is over or taken back (law.md 68)."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from guichet.case.legal_facts import stated_anew
from guichet.contracts.legal_facts import StatedFact
from guichet.data_subject.evidence import GRACE, goes, is_evidence, kept_until, threat_said_on
from guichet.law.calendar import paris_date, start_of_day
from guichet.law.clocks.delay import Delay, Unit
from guichet_testing.builders.case import ARRIVED

NATURES = ["request", "complaint", "appeal", "information", "anonymous", "threatening"]
DAYS = st.dates(date(2000, 1, 1), date(2080, 12, 31))
DELAYS = st.builds(Delay, st.integers(1, 240), st.sampled_from(Unit))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - a bound


def qualified(nature: str, at: datetime) -> StatedFact:
    return StatedFact.model_validate({"event": "qualified", "at": at, "nature": nature})


def said_on(day: date) -> tuple[StatedFact, ...]:
    return (qualified("threatening", start_of_day(day)),)


@given(DAYS, DELAYS)
def test_it_is_kept_to_its_last_day_and_ends_by_itself(day: date, kept_for: Delay):
    last = kept_until(day, kept_for)
    assert last > day
    assert is_evidence(said_on(day), kept_for, day)
    assert is_evidence(said_on(day), kept_for, last)
    assert not is_evidence(said_on(day), kept_for, last + timedelta(days=1))


@given(DAYS, DAYS, DAYS, DELAYS)
def test_what_is_over_does_not_come_back_and_a_later_threat_is_kept_as_long(
    one: date, two: date, today: date, kept_for: Delay
):
    earlier, later = sorted((one, two))
    if is_evidence(said_on(earlier), kept_for, today):
        assert is_evidence(said_on(later), kept_for, today)
    else:
        assert not is_evidence(said_on(earlier), kept_for, today + timedelta(days=1))


@given(st.lists(st.tuples(st.sampled_from(NATURES), MOMENTS), unique_by=lambda each: each[1]), st.randoms())
def test_the_last_that_stands_says_whether_it_is_one(told: list[tuple[str, datetime]], random):
    facts = [qualified(*each) for each in told]
    threat = threat_said_on((*random.sample(facts, len(facts)),))
    if not told:
        assert threat is None
        return
    nature, _ = max(told, key=lambda each: each[1])
    first = min((at for nature, at in told if nature == "threatening"), default=ARRIVED)
    assert threat == (paris_date(first) if nature == "threatening" else None)


@given(st.sampled_from(NATURES), MOMENTS)
def test_it_ends_when_it_is_withdrawn_and_begins_again_when_it_is_said_once_more(before: str, at: datetime):
    first, threat = qualified(before, at - timedelta(hours=1)), qualified("threatening", at)
    withdrawn = StatedFact(event="withdrawn", at=at + timedelta(hours=1), what=threat)
    facts = (first, threat, withdrawn)
    left = threat_said_on(facts)
    assert left == (paris_date(first.at) if before == "threatening" else None)
    again = stated_anew(qualified("threatening", at + timedelta(days=9)), facts)
    assert threat_said_on((*facts, again)) == (left or paris_date(again.at))


def test_to_say_it_once_more_gives_it_no_more_time():
    told = [("threatening", 2026), ("anonymous", 2028), ("threatening", 2030)]
    facts = tuple(qualified(nature, datetime(year, 5, 4, 12, tzinfo=UTC)) for nature, year in told)
    assert threat_said_on(facts) == date(2026, 5, 4)
    assert not is_evidence(facts, Delay(72), date(2032, 5, 5))
    withdrawn = StatedFact(event="withdrawn", at=datetime(2031, 1, 1, tzinfo=UTC), what=facts[0])
    assert threat_said_on((*facts, withdrawn)) == date(2030, 5, 4)


@given(st.sampled_from(["withdrawn", *NATURES[:-1]]), MOMENTS, st.integers(0, 40))
def test_what_was_corrected_goes_once_the_grace_is_over(how: str, at: datetime, days: int):
    threat = qualified("threatening", at - timedelta(hours=1))
    withdrawn = StatedFact(event="withdrawn", at=at, what=threat)
    facts = (threat, withdrawn if how == "withdrawn" else qualified(how, at))
    today = paris_date(at) + timedelta(days=days)
    assert not is_evidence(facts, Delay(72), today)
    assert goes(facts, Delay(72), today) is (timedelta(days=days) > GRACE)
    again = qualified("threatening", at + timedelta(minutes=5))
    assert not goes((*facts, again), Delay(72), today)


@given(DAYS, DELAYS)
def test_what_is_over_by_its_time_has_no_grace(day: date, kept_for: Delay):
    last = kept_until(day, kept_for)
    assert not goes(said_on(day), kept_for, last)
    assert goes(said_on(day), kept_for, last + timedelta(days=1))


def test_a_word_about_something_else_starts_no_grace_anew():
    threat = qualified("threatening", ARRIVED)
    told = StatedFact(event="file-complete", at=ARRIVED + timedelta(days=6))
    others = (told, StatedFact(event="withdrawn", at=told.at + timedelta(hours=1), what=told))
    facts = (threat, StatedFact(event="withdrawn", at=ARRIVED, what=threat), *others)
    assert goes(facts, Delay(72), paris_date(ARRIVED) + timedelta(days=8))


def test_six_years_from_a_leap_day_end_on_the_last_of_february():
    assert kept_until(date(2024, 2, 29), Delay(72)) == date(2030, 2, 28)


def test_other_facts_say_nothing_of_it():
    facts = (StatedFact(event="prior-remedy", at=ARRIVED), qualified("threatening", ARRIVED))
    assert threat_said_on(facts) == paris_date(ARRIVED)
    assert threat_said_on(facts[:1]) is None
    assert not is_evidence(facts[:1], Delay(72), paris_date(ARRIVED))
