"""How far a mailbox has been read: nothing that is not safe is ever behind the place."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.mailbox_places import Place
from guichet_mail.receive.imap.place import TRIES, Progress, dates_that_count, place_to_read_from

NOW = datetime(2026, 12, 20, 9, tzinfo=UTC)
BEGINS = datetime(2026, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_mailbox_is_first_read_from_the_day_that_the_town_says() -> None:
    assert place_to_read_from(None, 7, BEGINS, NOW) == Place(7, 0, floor=BEGINS)


def test_reading_goes_on_where_it_ended_however_long_ago() -> None:
    known = Place(7, 40, floor=BEGINS - 900 * DAY, newest=NOW - 800 * DAY)
    assert place_to_read_from(known, 7, BEGINS, NOW) is known


@pytest.mark.parametrize(
    ("newest", "floor"),
    [
        (NOW - 2 * DAY, NOW - 32 * DAY),
        (NOW - 369 * DAY, NOW - 399 * DAY),
        (NOW - 371 * DAY, NOW - 371 * DAY + timedelta(seconds=1)),  # what was erased then is not known any more
        (BEGINS - 500 * DAY, BEGINS - 500 * DAY + timedelta(seconds=1)),
        (None, BEGINS - 600 * DAY),
    ],
)
def test_a_mailbox_that_counts_anew_is_read_again_as_far_back_as_may_be(
    newest: datetime | None, floor: datetime
) -> None:
    known = Place(7, 40, floor=BEGINS - 600 * DAY, newest=newest)
    assert place_to_read_from(known, 8, BEGINS, NOW) == Place(8, 0, floor=floor, newest=newest)


def test_and_never_further_than_the_day_that_the_town_said_first() -> None:
    known = Place(7, 40, floor=BEGINS, newest=BEGINS + DAY)
    assert place_to_read_from(known, 8, BEGINS, NOW).floor == BEGINS


def test_a_date_to_come_counts_as_now() -> None:
    """A server's clock may be ahead of ours, or a mail laid there with any date."""
    assert dates_that_count({1: NOW + 900 * DAY, 2: NOW - DAY, 3: None}, NOW) == {1: NOW, 2: NOW - DAY, 3: None}


UIDS = st.sets(st.integers(1, 30))


@given(st.lists(UIDS, max_size=4), st.data())
def test_the_place_is_behind_what_is_not_safe_and_moves_with_what_is(
    rounds: list[set[int]], data: st.DataObject
) -> None:
    progress, safe = Progress(Place(7, 0, floor=BEGINS)), set[int]()
    for there in rounds:
        progress.listed(there)
        due = {uid for uid in there if uid > progress.place.uid} - safe
        assert set(progress.due) == due
        done = data.draw(st.sets(st.sampled_from(sorted(due)))) if due else set()
        before = progress.place.uid
        progress.done({uid: BEGINS + uid * DAY for uid in done})
        safe |= done
        left = due - done
        assert before <= progress.place.uid
        assert all(uid > progress.place.uid for uid in left)
        if not left and there:
            assert progress.place.uid >= max(there)


def test_the_newest_date_is_of_what_is_behind_the_place() -> None:
    progress = Progress(Place(7, 0, floor=BEGINS))
    progress.listed([1, 2, 3])
    progress.done({1: BEGINS + DAY, 3: BEGINS + 3 * DAY})
    assert (progress.place.uid, progress.place.newest) == (1, BEGINS + DAY)
    progress.done({2: None})
    assert (progress.place.uid, progress.place.newest) == (3, BEGINS + 3 * DAY)


def test_a_mail_that_is_gone_holds_nothing_up() -> None:
    progress = Progress(Place(7, 0, floor=BEGINS))
    progress.listed([1, 2])
    progress.listed([2])
    assert (progress.place.uid, progress.due) == (1, [2])
    progress.listed([])
    assert (progress.place.uid, progress.due) == (2, [])


def test_a_mail_that_the_server_does_not_give_is_passed_over_in_the_end() -> None:
    progress = Progress(Place(7, 0, floor=BEGINS))
    progress.listed([1, 2])
    progress.done({2: BEGINS})
    for _ in range(TRIES - 1):
        assert progress.not_given([1]) == []
        assert progress.place.uid == 0
    assert progress.not_given([1]) == [1]
    assert (progress.place.uid, progress.due) == (2, [])
