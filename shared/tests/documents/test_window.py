"""The recipient, and nothing else, is seen through the windows of French envelopes, however the sheet lies in them.

A window is 100 mm wide, 35 or 45 mm high, 20 mm from the right and from the bottom of an envelope; A4 is folded in three.
"""

from dataclasses import dataclass, replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guichet.documents.sheet import Recipient, UnfitAddressError
from guichet_testing.builders import printed

MM = 72 / 25.4
A4 = (210, 297)
FOLDED = (210, 99)
SLACK = 0.35  # mm: what glyphs' boxes, as PDFium tells them, stand out of their line


@dataclass(frozen=True)
class Box:
    """In mm, from the left and from the top of the sheet."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: "Box") -> bool:
        return (
            self.left - SLACK <= other.left
            and self.top - SLACK <= other.top
            and other.right <= self.right + SLACK
            and other.bottom <= self.bottom + SLACK
        )

    def meets(self, other: "Box") -> bool:
        apart = other.right <= self.left or self.right <= other.left
        return not apart and not (other.bottom <= self.top or self.bottom <= other.top)


def windows(envelope: tuple[int, int], height: int) -> list[Box]:
    """Return the window as the sheet sees it, with the sheet in each corner of the envelope."""
    width, depth = envelope
    at_most = (width - FOLDED[0], depth - FOLDED[1])
    moves = product((0, at_most[0]), (0, at_most[1]))
    return [
        Box(width - 120 - left, depth - 20 - height - top, width - 20 - left, depth - 20 - top) for left, top in moves
    ]


DL, C6_5 = (220, 110), (229, 114)
EVERY = [window for envelope, height in product((DL, C6_5), (35, 45)) for window in windows(envelope, height)]


def glyphs(page) -> list[tuple[str, Box]]:
    """Return the page's signs that are seen, with where each lies."""
    text = page.get_textpage()
    found = []
    for nth in range(text.count_chars()):
        sign = text.get_text_range(nth, 1)
        left, bottom, right, top = (each / MM for each in text.get_charbox(nth))
        if sign.strip() and right > left:
            found.append((sign, Box(left, A4[1] - top, right, A4[1] - bottom)))
    return found


def seen_through(window: Box, page) -> list[tuple[str, Box]]:
    return [each for each in glyphs(page) if window.meets(each[1])]


def squeezed(lines) -> str:
    return "".join("".join(lines).split())


FIVE = (
    "Madame Aïcha Le Goff",
    "Appartement 12, escalier B",
    "Résidence Les Tilleuls",
    "22 BIS RUE DU PORT",
    "00000 EXEMPLE",
)


@pytest.mark.parametrize("make", [printed.letter, printed.receipt, printed.attestation])
@pytest.mark.parametrize("window", EVERY, ids=str)
def test_five_lines_are_whole_in_every_window_and_nothing_else_is_seen(printer, make, window):
    page = printer.open(make(sheet=printed.sheet(recipient=Recipient(FIVE))))[0]
    seen = seen_through(window, page)
    assert "".join(sign for sign, _ in seen) == squeezed(FIVE)
    assert [sign for sign, box in seen if not window.holds(box)] == []


@pytest.mark.parametrize("window", [each for each in EVERY if each not in windows(C6_5, 35)], ids=str)
def test_six_long_lines_are_whole_in_every_window_but_the_low_one_of_the_largest_envelope(printer, window):
    lines = (
        "W" * 38,
        "É" * 80,
        "chez Monsieur Yg",
        "1, rue du Jeu-de-Paume",
        "BP 40122",
        "00000 SAINT-REMY-EN-BOUZEMONT CEDEX",
    )
    page = printer.open(printed.letter(sheet=printed.sheet(recipient=Recipient(lines))))[0]
    seen = seen_through(window, page)
    assert "".join(sign for sign, _ in seen) == squeezed(lines)
    assert [sign for sign, box in seen if not window.holds(box)] == []


LATIN = st.characters(min_codepoint=0x21, max_codepoint=0x17F, exclude_categories=("Cc", "Cf", "Zs"))
LINES = st.lists(st.text(LATIN, min_size=1, max_size=80), min_size=1, max_size=5)


@settings(max_examples=30)  # a tenth of a second each
@given(lines=LINES, town=st.text(LATIN, max_size=300), subject=st.text(LATIN, max_size=600))
def test_whatever_is_said_nothing_but_the_recipient_is_seen(printer, lines, town, subject):
    letterhead = replace(printed.LETTERHEAD, town=town, email=town, department=subject[:200])
    sheet = printed.sheet(recipient=Recipient(tuple(lines)), letterhead=letterhead)
    page = printer.open(printed.letter(sheet=sheet, subject=subject, follow_at=town))[0]
    for window in EVERY:
        at_rest = [box for _, box in seen_through(window, page)]
        assert all(Box(109, 59, 190, 79).holds(box) for box in at_rest)


@pytest.mark.parametrize("lines", [(), ("a",) * 7, ("a", ""), ("a", " \t"), ("a" * 81,)])
def test_what_does_not_fit_is_refused(lines):
    with pytest.raises(UnfitAddressError):
        Recipient(lines)


def test_a_line_that_breaks_stays_one():
    assert Recipient((" Mme  A\n B",)).lines == ("Mme A B",)


def test_marks_are_where_it_is_folded(printer):
    page = printer.open(printed.letter())[0]
    drawn = [each.get_bounds() for each in page.get_objects() if each.type == 2]
    short = [(left, A4[1] - top / MM) for left, _bottom, right, top in drawn if right - left < 20 and left < 20]
    assert sorted(round(height) for _, height in short) == [99, 198]
