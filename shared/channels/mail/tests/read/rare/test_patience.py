"""A library that does not end is ended, whatever it holds; nothing after it is."""

import time
from contextlib import suppress

import pytest

from guichet.errors import PermanentError
from guichet_mail.read.rare.patience import Patience


def work(seconds: float) -> None:
    ends = time.process_time() + seconds
    while time.process_time() < ends:
        sum(range(10_000))  # to ask what time it is is the kernel's work, which the clock does not count


def swallowing(seconds: float) -> None:
    ends = time.process_time() + seconds
    while time.process_time() < ends:
        with suppress(Exception):
            work(0.02)


@pytest.mark.parametrize("library", [work, swallowing])
def test_what_takes_too_long_is_ended(library) -> None:
    patience, begun = Patience(0), time.process_time()
    for _ in range(3):  # what is spent is spent
        with pytest.raises(PermanentError):
            patience.let(lambda: library(5))
    assert time.process_time() - begun < 0.2
    work(0.1)  # nothing rings any more


def test_what_gives_back_much_when_it_is_ended_is_ended_all_the_same() -> None:
    def holding() -> None:
        held = [[each] for each in range(200_000)]
        work(5)
        assert held

    for _ in range(5):
        with pytest.raises(PermanentError):
            Patience(0).let(holding)
    work(0.1)


def test_what_a_library_raises_is_no_bug_of_ours() -> None:
    with pytest.raises(PermanentError) as error:
        Patience(0).let(lambda: {}["x"])
    assert error.value.reason == "unreadable"


def test_a_larger_mail_is_given_more_time() -> None:
    Patience(5 * 1024 * 1024).let(lambda: work(0.3))
