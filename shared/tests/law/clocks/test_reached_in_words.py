"""What agents read of a day that a clock came to: every clock and stage has its words, in both languages."""

from itertools import product

import pytest

from guichet.contracts.channels import Words
from guichet.law.clocks.clock import ClockKind
from guichet.law.clocks.notice import Stage
from guichet.law.clocks.reached_in_words import GRAVEST_FIRST, INCOMPLETE, gravity, reached_in_words

DAY = Words(fr="7 mai 2026", en="7 May 2026")


@pytest.mark.parametrize(
    ("clock", "stage"), [*product([*ClockKind, "of-next-year"], [*Stage, INCOMPLETE, "unheard-of"])]
)
def test_every_clock_and_stage_has_words_with_the_day_also_those_of_a_newer_version(clock, stage):
    said = reached_in_words(clock, stage, "rejects", DAY)
    assert DAY.fr in said.fr
    assert DAY.en in said.en
    assert not {"{", "}"} & {*said.fr, *said.en}


@pytest.mark.parametrize(
    ("clock", "stage", "means", "fr", "en"),
    [
        (
            "are",
            "near",
            None,
            "Accusé de réception (ARE)\xa0: échéance proche, le 7 mai 2026",
            "due soon, on 7 May 2026",
        ),
        (
            "silence",
            "decided",
            "rejects",
            "Silence\xa0: vaut rejet, échéance du 7 mai 2026",
            "Silence: rejects, was due on",
        ),
        ("silence", "decided", None, "Silence\xa0: décidé, échéance du 7 mai 2026", "Silence: decided, was due on"),
    ],
)
def test_it_says_what_is_due_how_it_stands_and_which_day(clock, stage, means, fr, en):
    said = reached_in_words(clock, stage, means, DAY)
    assert said.fr == fr
    assert en in said.en


def test_what_silence_decided_is_gravest_and_what_is_near_least():
    assert {*GRAVEST_FIRST} == {*Stage, INCOMPLETE}
    assert sorted(["unheard-of", *reversed(GRAVEST_FIRST)], key=gravity) == [*GRAVEST_FIRST, "unheard-of"]
