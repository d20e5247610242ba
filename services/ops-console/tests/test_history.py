from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ops_console.domain.watch.record_history import MINUTES, History, Mark

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def history_of(*marks: tuple[float, int]) -> History:
    history = History()
    for seconds, records in marks:
        history.add(Mark(START + timedelta(seconds=seconds), {"knocks": records}))
    return history


def test_per_second_is_over_the_last_ten_seconds() -> None:
    assert history_of((0, 0), (20, 1000), (25, 1010), (30, 1020)).per_second("knocks") == 2.0


def test_one_mark_tells_no_rate() -> None:
    assert History().per_second("knocks") is None
    assert history_of((0, 5)).per_second("knocks") is None


def test_an_hour_is_sixty_minutes_and_what_was_not_measured_is_a_gap() -> None:
    history = history_of((0, 0), (30, 30), (60, 60), (90, 90))
    points = history.last_hour("knocks", START + timedelta(seconds=90))
    assert len(points) == MINUTES
    assert points[-2:] == (1.0, 1.0)
    assert set(points[:-2]) == {None}


def test_a_pause_of_the_broker_is_a_gap_not_a_peak() -> None:
    history = history_of((0, 0), (30, 10), (1800, 5000), (1830, 5000))
    points = history.last_hour("knocks", START + timedelta(seconds=1830))
    assert [point for point in points if point is not None] == [10 / 30, 0.0]


def test_what_is_older_than_an_hour_is_forgotten() -> None:
    history = history_of((0, 0), (30, 500), (3700, 500), (3710, 500))
    assert history.records_last_hour("knocks", START + timedelta(seconds=3710)) == 0


def test_a_topic_made_anew_counts_from_nothing() -> None:
    assert history_of((0, 900), (5, 3)).per_second("knocks") == 0.0


@given(st.lists(st.tuples(st.floats(0.5, 40), st.integers(0, 1000)), min_size=2, max_size=60))
def test_every_record_seen_within_unbroken_minutes_is_counted_once(steps: list[tuple[float, int]]) -> None:
    seconds, records, marks = 0.0, 0, []
    for pause, came in steps:
        marks.append((seconds, records))
        seconds, records = seconds + pause, records + came
    history = history_of(*marks)
    last_s, last_records = marks[-1]
    now = START + timedelta(seconds=last_s)
    if last_s < 3500:
        assert history.records_last_hour("knocks", now) == last_records
    assert all(point is None or point >= 0 for point in history.last_hour("knocks", now))
