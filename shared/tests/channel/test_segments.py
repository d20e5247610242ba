"""How many SMS a text travels as: what the standard says, and what holds of any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.channel.segments import SEPTETS, UCS2_UNITS, is_in_seven_bits, segments

TEXTS = st.text(max_size=400)
SEVEN_BITS = st.text("Bonjour, 12 € àéèùç{}[]\n", max_size=400)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("é" * 160, 1),  # in the basic alphabet
        ("ê" * 70, 1),  # not in it: the whole text goes in UCS-2
        ("ê" * 71, 2),
        ("ê" * 134, 2),
        ("ê" * 135, 3),
        ("l’eau" + "a" * 66, 2),  # one typographic apostrophe is enough
        ("€" * 80, 1),  # two septets each
        ("€" * 81, 2),
        ("a" * 152 + "€" * 77, 3),  # no character is divided: the first message holds 152
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 67, 3),  # 33 fit in one of several, not 33.5
    ],
)
def test_counts_as_the_standard_does(text: str, expected: int) -> None:
    assert segments(text) == expected


@given(TEXTS)
def test_no_text_travels_for_nothing_and_none_needs_more_than_a_message_a_character(text: str) -> None:
    assert 1 <= segments(text) <= max(1, len(text))


@given(TEXTS, TEXTS)
def test_more_text_never_costs_less(text: str, more: str) -> None:
    assert segments(text + more) >= segments(text)


@given(TEXTS)
def test_never_fewer_than_the_characters_need_nor_more_than_division_wastes(text: str) -> None:
    seven = is_in_seven_bits(text)
    width = (
        len(text) + sum(text.count(each) for each in "\f^{}\\[~]|€") if seven else len(text.encode("utf-16-le")) // 2
    )
    alone, of_several = SEPTETS if seven else UCS2_UNITS
    if width <= alone:
        assert segments(text) == 1
    else:
        assert -(-width // of_several) <= segments(text) <= -(-width // (of_several - 1))


@given(SEVEN_BITS)
def test_the_basic_alphabet_is_never_dearer(text: str) -> None:
    assert segments(text) <= segments(text + "ê")
