"""What the page of the day says is what was counted; the counting is right."""

from collections.abc import Mapping
from typing import Final

import pytest

from guichet_local.machine.paths import REPOSITORY
from tests.agents_day.arrivals import BY_FORM, BY_MAIL, BY_SMS, BY_TELEGRAM, BY_WHATSAPP, STREETS
from tests.agents_day.diary import KEY_S, MouseWay, Step, keystrokes_of, total
from tests.agents_day.lived import NAMES
from tests.agents_day.page import BEGINS, ENDS, HEAD, read_steps, render, written
from tests.agents_day.scans import LETTERS
from tests.agents_day.zammad import WAYS, Documented

PAGE: Final = (REPOSITORY / "docs" / "agents-day.md").read_text("utf-8")
STEPS: Final = [Step("One", 4, 10, 1.25), Step("Two", 3, 0, 2.0)]
BESIDE: Final[Mapping[str, Documented]] = {
    "One": Documented(MouseWay(clicks=2, hovers=1, keys=3, hands=2), "reply", ("https://a.example/reply.rst",))
}


@pytest.mark.parametrize(
    ("pressed", "keys"), [("r", 1), ("Enter", 1), ("Control+Enter", 2), ("+", 1), ("Shift+Tab", 2)]
)
def test_a_combination_is_as_many_keys_as_are_held(pressed: str, keys: int) -> None:
    assert keystrokes_of(pressed) == keys


def test_a_persons_seconds_are_those_of_the_keystroke_level_model() -> None:
    assert STEPS[0].acts_s == pytest.approx(4 * KEY_S)
    assert STEPS[0].person_s == pytest.approx(14 * KEY_S)
    assert BESIDE["One"].way.seconds == pytest.approx(2 * (1.1 + 0.2) + 1.1 + 3 * 0.28 + 2 * 0.4)
    assert total(STEPS, "all") == Step("all", 7, 10, 3.25)


def test_what_is_rendered_is_read_back_and_stands_between_the_markers_alone() -> None:
    text = render(STEPS, BESIDE, ["A remark."])
    page = written(f"Before.\n{BEGINS}old\n{ENDS}\nAfter.", text)
    assert [(each.name, each.acts, each.words) for each in read_steps(page)] == [("One", 4, 10), ("Two", 3, 0)]
    assert "| One | 4 | 1.1 | 2, 1, 3 | 5.3 | reply ([reply.rst](https://a.example/reply.rst)) |" in page
    assert page.startswith("Before.\n")
    assert page.endswith("\nAfter.")
    assert "old" not in page


def test_a_step_that_was_not_done_is_compared_with_nothing() -> None:
    with pytest.raises(KeyError):
        render(STEPS[1:], BESIDE, [])


def test_the_page_tells_of_each_step_of_the_day_in_its_order_and_of_no_other() -> None:
    assert HEAD in PAGE
    assert tuple(each.name for each in read_steps(PAGE)) == NAMES, "make agents-day"


def test_what_it_says_of_the_four_ways_is_what_its_steps_say() -> None:
    done = {each.name: each for each in read_steps(PAGE)}
    for name, documented in WAYS.items():
        way = documented.way
        counted = f"| {name} | {done[name].acts} | {done[name].acts_s:.1f} | {way.clicks}, {way.hovers}, {way.keys} |"
        assert counted in PAGE, "make agents-day"
        assert all(address in PAGE for address in documented.pages)


def test_the_day_has_forty_arrivals_and_twenty_letters() -> None:
    by_mail = len(STREETS) + len(BY_MAIL) * 4
    assert by_mail + len((*BY_SMS, *BY_WHATSAPP, *BY_TELEGRAM, *BY_FORM)) == 40
    assert len({each.subject for each in LETTERS}) == 20
