from decimal import Decimal
from xml.etree import ElementTree

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from ops_console.domain import figures
from ops_console.domain.figures import sparkline
from ops_console.handlers.read_handbook import render_handbook, slug

NARROW, SPACE = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("per_second", "shown"),
    [
        (None, "–"),
        (0, "0"),
        (0.004, f"<{SPACE}0,1"),
        (0.42, "0,4"),
        (9.94, "9,9"),
        (9.96, "10"),
        (1234.4, f"1{NARROW}234"),
    ],
)
def test_a_rate_is_read_at_a_glance(per_second: float | None, shown: str) -> None:
    assert figures.rate(per_second, "fr") == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, "–"), (0.9, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (7500, "2 h 05"), (200_000, "2 j")],
)
def test_an_age_has_the_figures_that_matter(seconds: float | None, shown: str) -> None:
    assert figures.age(seconds, "fr").replace(SPACE, " ") == shown


def test_english_has_its_own_marks() -> None:
    assert (figures.rate(0.42, "en"), figures.count(1234, "en")) == ("0.4", "1,234")


@given(st.integers(0, 10**12), st.floats(0.05, 9.94), st.sampled_from(["fr", "en"]))
def test_numbers_have_the_marks_of_unicode_s_locale_data(number: int, per_second: float, language: str) -> None:
    assert figures.count(number, language) == format_decimal(number, locale=language)
    tenths = Decimal(f"{max(per_second, 0.1):.1f}")
    assert figures.rate(per_second, language) == format_decimal(tenths, "0.0", locale=language)


@given(st.lists(st.none() | st.floats(0, 1e9), max_size=60), st.text(max_size=20))
def test_a_sparkline_is_sound_svg_that_says_its_label(points: list[float | None], label: str) -> None:
    svg = sparkline(points, "".join(char for char in label if char.isprintable()))
    tree = ElementTree.fromstring(svg)
    assert tree.attrib["role"] == "img"
    assert tree.find("title") is not None
    bars = tree.findall("path")[1].attrib["d"]
    assert bars.count("z") == sum(1 for point in points if point)


def test_the_highest_bar_fills_the_height_and_one_record_is_seen() -> None:
    bars = ElementTree.fromstring(sparkline([100.0, 0.001], "x")).findall("path")[1].attrib["d"]
    assert "v-31" in bars
    assert "v-2h" in bars


def test_headings_get_githubs_anchors_and_foreign_html_is_shown_not_run() -> None:
    page = render_handbook(
        "### Alarm `dead-letter`\n\n<script>x</script> [a](other.md) [b](#alarm-lag) [c](https://x.fr)"
    )
    assert 'id="alarm-dead-letter"' in page
    assert "<script>" not in page
    assert "other.md" not in page
    assert page.count("<a ") == 2
    assert slug("After exit 75: what?") == "after-exit-75-what"
