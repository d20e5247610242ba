"""How many SMS a text travels as, which is what providers bill. Pure. 3GPP TS 23.038 6.2.1, TS 23.040 9.2.3.24.

A text whose every character is in the basic alphabet goes in seven bits, any other goes whole in UCS-2. One that does
not fit in one message is divided, each part with a header of six octets; no character is divided.
"""

from collections.abc import Iterable
from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")  # each with an escape before it, so two septets

SEPTETS: Final = (160, 153)  # in a message that is alone, in one of several
UCS2_UNITS: Final = (70, 67)


def is_in_seven_bits(text: str) -> bool:
    """Say whether a text needs the basic alphabet alone. One ê or typographic apostrophe is too much."""
    return _BASIC.union(_EXTENDED).issuperset(text)


def segments(text: str) -> int:
    """Return how many messages a text makes, at least one: a blank one is billed, too."""
    if is_in_seven_bits(text):
        return _divided((2 if each in _EXTENDED else 1 for each in text), *SEPTETS)
    return _divided((2 if ord(each) > 0xFFFF else 1 for each in text), *UCS2_UNITS)


def _divided(widths: Iterable[int], alone: int, of_several: int) -> int:
    """Return the number of messages for characters of these widths, none of which is divided."""
    total, parts, room = 0, 1, of_several
    for width in widths:
        total += width
        if width > room:
            parts, room = parts + 1, of_several
        room -= width
    return 1 if total <= alone else parts
