"""A moment is over once an event of a later one came: several may share one, across batches."""

from bson.timestamp import Timestamp

from guichet.vault.copy.moments import Moments

FIRST, SECOND, THIRD = Timestamp(1, 1), Timestamp(1, 2), Timestamp(2, 1)


def test_the_newest_is_not_over() -> None:
    moments = Moments()
    moments.saw(FIRST)
    assert not moments.are_over(FIRST)
    moments.saw(FIRST)
    assert not moments.are_over(FIRST)
    moments.saw(SECOND)
    assert moments.are_over(FIRST)
    assert not moments.are_over(SECOND)


def test_what_lies_between_two_is_over_with_the_first_later_one() -> None:
    moments = Moments()
    moments.saw(FIRST)
    moments.saw(THIRD)
    assert not moments.are_over(SECOND), "the next event may still be of the second"
    moments.saw(Timestamp(3, 1))
    assert moments.are_over(SECOND)


def test_one_that_stands_alone_is_over_at_once() -> None:
    moments = Moments()
    moments.saw(FIRST)
    moments.saw(SECOND, alone=True)
    assert moments.are_over(SECOND)
    moments.saw(THIRD)
    assert not moments.are_over(THIRD)
