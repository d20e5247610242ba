"""Which erasures an earlier version would not know of, if it got its own ledger back."""

from typing import Any

import pytest

from guichet.vault.erasure_ledger.earlier import forgotten

ASKED = {"_id": "e", "reached": {"recorded": 1}, "finished": False}
DESTROYED = {"_id": "e", "reached": {"recorded": 1, "destroyed": 2}, "finished": False}
CERTIFIED = {"_id": "e", "reached": {"recorded": 1, "destroyed": 2, "certified": 3}, "finished": True}
CANCELLED = {"_id": "e", "reached": {"recorded": 1, "cancelled": 2}, "finished": True}


@pytest.mark.parametrize(
    ("today", "then", "why"),
    [
        (ASKED, None, "was asked for since"),
        (DESTROYED, ASKED, "was carried out since"),
        (CERTIFIED, ASKED, "was carried out since"),
        (CANCELLED, ASKED, "was ended since"),
        (CERTIFIED, DESTROYED, "was ended since"),
    ],
)
def test_what_took_effect_since_is_not_forgotten(today: Any, then: Any, why: str) -> None:
    assert why in str(forgotten(today, then))


@pytest.mark.parametrize("entry", [ASKED, DESTROYED, CERTIFIED, CANCELLED, {"_id": "of an early form"}])
def test_what_stands_as_it_stood_is_known(entry: Any) -> None:
    assert forgotten(entry, entry) is None
