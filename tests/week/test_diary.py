"""The week's verdicts see what they are to see."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.week.__main__ import BEGINS, ENDS, PAGE, written
from tests.week.diary import Message, Restore, Week, render, verdicts

BEGAN = datetime(2026, 3, 2, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


def message(address: str, hours: float, *, way: str = "mail", same: str = "") -> Message:
    return Message(address, way, BEGAN + hours * AN_HOUR, same)


GOOD = Week(
    began=BEGAN,
    came=(message("amina", 9), message("brahim", 33, way="sms")),
    receipts=(message("amina", 9.01, same="<a@mairie>"), message("brahim", 59, way="sms")),
    broken={2: "the notifier is down"},
    restore=None,
    cases=2,
)


def wrong(week: Week) -> Sequence[str]:
    return [name for name, found in verdicts(week).items() if found]


def test_a_good_week_holds():
    assert wrong(GOOD) == []


@pytest.mark.parametrize(
    ("week", "name"),
    [
        (replace(GOOD, receipts=GOOD.receipts[:1]), "every legal receipt left"),
        (replace(GOOD, cases=3), "every message is one case"),
        (replace(GOOD, given_up=("case: gave-up",)), "none was given up for our own waiting"),
        (replace(GOOD, waiting=1), "nothing waits at the end"),
        (replace(GOOD, ended=("notifier",)), "no process ended by itself"),
    ],
)
def test_what_went_wrong_is_seen(week, name):
    assert wrong(week) == [name]
    assert f"| FAILS | {name}" in render(week)


@pytest.mark.parametrize(
    ("restore", "explained"),
    [
        (None, False),
        (Restore(BEGAN + 9 * AN_HOUR, BEGAN + 10 * AN_HOUR), True),
        (Restore(BEGAN + 10 * AN_HOUR, BEGAN + 11 * AN_HOUR), False),
    ],
)
def test_a_second_copy_is_explained_by_a_restore_that_made_the_town_forget_the_first(restore, explained):
    again = message("amina", 12, same="<a@mairie>")
    week = replace(GOOD, receipts=(*GOOD.receipts, again), restore=restore)
    name = "none left twice but what a restore made the town forget"
    assert wrong(week) == ([] if explained else [name])
    assert wrong(replace(week, receipts=(*week.receipts, again))) == [name], "a third is never"


def test_the_table_tells_what_left_when():
    lines = render(GOOD).splitlines()
    assert "| 1 | – | 1 | 1 | 0 | 0 |" in lines
    assert "| 2 | the notifier is down | 1 | 0 | 0 | 1 |" in lines
    assert "| 3 | – | 0 | 1 | 1 | 0 |" in lines
    assert "| 1 | mail | 1 | 36 s | 36 s |" in lines
    assert "| 2 | sms | 1 | 26.0 h | 26.0 h |" in lines


def test_it_is_written_between_the_markers_of_the_page():
    page = PAGE.read_text()
    once = written(page, "A table.")
    assert f"{BEGINS}\nA table.\n{ENDS}" in once
    assert written(once, "Another.") == once.replace("A table.", "Another.")
