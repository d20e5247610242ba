"""What a mail to an agent says is due: single cases by name, of many how many and the gravest, once each."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from guichet.ids import Reference
from guichet.law.clocks.reached_in_words import GRAVEST_FIRST, gravity
from guichet.store.agents.news import ReachedDay
from notifier.domain.due_lines import NAMED, DueCase, due_lines

DAY = date(2026, 5, 7)


def due(number, stage="late", after=0, clock="are", means=None):
    on = DAY + timedelta(days=after)
    return DueCase(Reference(f"2026-{number:04}-29Q"), ReachedDay(clock=clock, stage=stage, on=on, means=means))


def test_nothing_due_is_no_line():
    assert due_lines([], "fr") == ""


def test_few_are_named_with_what_is_due_and_the_day():
    assert due_lines([due(1)], "fr") == (
        "Échéance :\n- 2026-0001-29Q, Accusé de réception (ARE)\xa0: échéance du 7 mai 2026 dépassée"
    )
    said = due_lines([due(1, "near", 3), due(2, "decided", clock="silence", means="accepts")], "en").splitlines()
    assert said == [
        "Due, 2 cases:",
        "- 2026-0002-29Q, Silence: accepts, was due on 7 May 2026",
        "- 2026-0001-29Q, Acknowledgement (ARE): due soon, on 10 May 2026",
    ]


def test_of_two_thousand_it_says_how_many_of_each_and_names_the_ten_gravest():
    many = [*(due(nth, "near") for nth in range(1980)), *(due(3000 + nth, "late", nth) for nth in range(20))]
    said = due_lines(many, "fr").splitlines()
    assert said[:5] == [
        "Échéances, 2000 demandes :",
        "- échéance dépassée : 20",
        "- échéance proche : 1980",
        "",
        "Les plus graves :",
    ]
    assert [line.split(",")[0] for line in said[5:]] == [f"- 2026-{3000 + nth}-29Q" for nth in range(NAMED)]
    assert due_lines(many, "fr", is_more=True).startswith("Échéances, au moins 2000 demandes :")


_DUE = st.builds(due, st.integers(0, 40), st.sampled_from(GRAVEST_FIRST), st.integers(-9, 9))


@given(st.lists(_DUE, max_size=60), st.sampled_from(["fr", "en", "de"]), st.randoms())
def test_however_many_and_in_whatever_order_it_names_each_once_the_gravest_first(cases, language, chance):
    said = due_lines(cases, language)
    named = [line[2:15] for line in said.splitlines() if line.startswith("- 2026-")]
    gravest = {}
    for each in cases:
        gravest[each.reference] = min(gravity(each.reached.stage), gravest.get(each.reference, len(GRAVEST_FIRST)))
    assert len(named) == len({*named}) == min(NAMED, len(gravest))
    assert [gravest[each] for each in named] == sorted(gravest.values())[:NAMED]
    assert len(said.splitlines()) <= NAMED + len(GRAVEST_FIRST) + 3
    chance.shuffle(cases)
    assert due_lines(cases, language) == said
