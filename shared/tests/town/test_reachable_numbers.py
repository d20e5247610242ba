"""To which numbers a town writes where it pays for it."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.town.reachable_numbers import FRANCE, OTHER_COUNTRY, OTHER_KIND, country_of, reason_against

ABROAD = sorted(phonenumbers.SUPPORTED_REGIONS - FRANCE)


IN_FRANCE = (
    "+33639980142 +33612345678 +33700001234 +33123456789 +590690001234 +262692123456 +262639123456 "
    "+594694123456 +596696123456 +508551234 +687751234 +68987123456 +681821234"
)


@pytest.mark.parametrize("number", IN_FRANCE.split())
def test_france_is_reached_metropolitan_and_overseas(number: str) -> None:
    assert reason_against(number, FRANCE) is None


@pytest.mark.parametrize("number", ["+33899123456", "+33825123456", "36665", "+36665", "+3336665", "", "MAIRIE", "+"])
def test_premium_shared_cost_and_short_numbers_never(number: str) -> None:
    assert reason_against(number, phonenumbers.SUPPORTED_REGIONS) == OTHER_KIND


SPECIAL_TARIFFS = (
    "+33800123456 +33805123456 +33806123456 +33841123456 +33849123456 +33870123456 +33884123456 +33890123456 "
    "+590838123456 +594838123456 +596838123456 +508838123456 +262838123456 +262895123456"
)


@pytest.mark.parametrize("number", SPECIAL_TARIFFS.split())
def test_no_number_of_special_tariff_is_written_to_though_no_library_knows_its_kind(number: str) -> None:
    assert reason_against(number, phonenumbers.SUPPORTED_REGIONS) == OTHER_KIND


@given(st.sampled_from((33, 590, 594, 596, 262, 508)), st.integers(0, 99_999_999))
def test_nothing_that_begins_with_08_in_france_is_written_to(code: int, rest: int) -> None:
    assert reason_against(f"+{code}8{rest:08}", phonenumbers.SUPPORTED_REGIONS) == OTHER_KIND


@given(st.sampled_from(ABROAD))
def test_no_other_country_unless_it_is_allowed(country: str) -> None:
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        return
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert reason_against(number, FRANCE) == OTHER_COUNTRY
    assert reason_against(number, phonenumbers.SUPPORTED_REGIONS) is None


@given(st.text(max_size=20))
def test_any_text_gets_an_answer(number: str) -> None:
    assert reason_against(number, FRANCE) in (None, OTHER_COUNTRY, OTHER_KIND)
    assert country_of(number, ["FR"]) in (None, "FR")


def test_a_number_has_its_countrys_price() -> None:
    assert country_of("+262692123456", ["FR", "RE"]) == "RE"
    assert country_of("+33612345678", ["RE"]) is None
