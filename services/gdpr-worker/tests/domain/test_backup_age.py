"""Whether the last good backup is too old."""

from datetime import UTC, datetime, timedelta

import pytest

from gdpr_worker.domain.backup_age import is_too_old

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
A_DAY = timedelta(days=1)
AN_HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("taken_at", "since", "rings"),
    [
        (NOW - 26 * AN_HOUR, NOW - 9 * A_DAY, False),
        (NOW - 27 * AN_HOUR, NOW - 9 * A_DAY, True),
        (None, NOW - 25 * AN_HOUR, False),
        (None, NOW - 27 * AN_HOUR, True),
        (NOW - 9 * A_DAY, NOW - AN_HOUR, False),
        (NOW + 900 * A_DAY, NOW - 9 * A_DAY, True),
        (NOW - 9 * A_DAY, NOW + 900 * A_DAY, True),
        (None, NOW + 900 * A_DAY, True),
        (NOW + timedelta(minutes=1), NOW - 9 * A_DAY, False),
    ],
    ids=[
        "of this night",
        "of the night before",
        "a new town",
        "a town that never made one",
        "put back an hour ago",
        "a clock was wrong",
        "it was when the watch began",
        "and there is none",
        "two machines' clocks",
    ],
)
def test_it_rings_once_nothing_newer_is_safe(taken_at: datetime | None, since: datetime, rings: bool) -> None:
    assert is_too_old(taken_at, since, NOW, after=26 * AN_HOUR) is rings


def test_a_trial_asks_nobody() -> None:
    assert not is_too_old(None, NOW - 900 * A_DAY, NOW, after=timedelta(0))
