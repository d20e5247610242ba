"""French numbers are shown in pairs; nothing else is touched."""

import pytest

from guichet.french.phone_numbers import spaced_number


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("+33639981234", "06 39 98 12 34"),
        ("+33240123456", "02 40 12 34 56"),
        ("+3263998123", "+3263998123"),
        ("+336399812345", "+336399812345"),
        ("jeanne@courriel.example", "jeanne@courriel.example"),
        ("", ""),
    ],
)
def test_numbers_are_shown_in_pairs(value: str, shown: str) -> None:
    assert spaced_number(value) == shown.replace(" ", "\N{NO-BREAK SPACE}")
