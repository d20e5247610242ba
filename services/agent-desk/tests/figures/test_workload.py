"""What is counted of open cases: each in one state and one band, whatever there is."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from agent_desk.domain.figures.workload import BANDS, workload_of
from guichet.ids import AgentId
from guichet.law.calendar import start_of_day
from guichet.store.cases.case_filter import OPEN_STATES
from guichet.store.cases.open_case import OpenCase

TODAY = date(2026, 3, 2)
AGENTS = (None, "lea", "max")


def an_open_case(name: str = "c", *, days: int = 0, **fields) -> OpenCase:
    received = start_of_day(TODAY - timedelta(days=days))
    given_fields = {"state": "received", "department": "voirie", "received_at": received, **fields}
    return OpenCase(_id=name, reference=f"2026-{name}", **given_fields)


def cases() -> some.SearchStrategy[list[OpenCase]]:
    one = some.builds(
        an_open_case,
        some.text("abc", min_size=1, max_size=3),
        days=some.integers(-1, 400),
        state=some.sampled_from(OPEN_STATES),
        assigned_to=some.sampled_from(AGENTS),
        at_rest=some.sampled_from((None, True)),
        unsent=some.sampled_from(((), ("m",))),
    )
    return some.lists(one, max_size=30)


@given(cases())
def test_each_case_is_in_one_state_in_one_band_and_with_one_agent_or_nobody(found):
    work = workload_of(found, TODAY)
    assert work.cases == sum(work.states.values()) == sum(band.cases for band in work.bands) == len(found)
    assert sum(load.cases for load in work.loads) + work.unassigned == len(found)
    assert all(load.to_answer <= load.cases for load in work.loads)
    assert work.to_answer <= len(found)


@given(cases(), cases())
def test_what_two_departments_have_is_what_both_have_together(some_cases, others):
    one, other, both = (workload_of(each, TODAY) for each in (some_cases, others, some_cases + others))
    assert both.cases == one.cases + other.cases
    assert [band.cases for band in both.bands] == [
        mine.cases + theirs.cases for mine, theirs in zip(one.bands, other.bands, strict=True)
    ]


def test_a_band_ends_with_its_last_day():
    ends = [day for last in BANDS for day in (last, last + 1)]
    bands = workload_of([an_open_case(f"c{days}", days=days) for days in ends], TODAY).bands
    assert [(band.first, band.last, band.cases) for band in bands] == [
        *((0, 2, 1), (3, 7, 2), (8, 15, 2), (16, 30, 2)),
        (31, None, 1),
    ]


def test_who_has_nothing_is_there_too_and_who_has_most_comes_first():
    work = workload_of(
        [an_open_case("a", assigned_to="max", days=4), an_open_case("b", assigned_to="max", at_rest=True)],
        TODAY,
        [AgentId("lea"), AgentId("max")],
    )
    assert [(load.agent, load.cases, load.to_answer, load.oldest) for load in work.loads] == [
        ("max", 2, 1, 4),
        ("lea", 0, 0, None),
    ]


def test_of_nothing_everything_is_none():
    work = workload_of([], TODAY)
    assert (work.cases, work.late, work.oldest, work.loads) == (0, 0, None, ())
