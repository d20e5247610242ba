"""To which telephone numbers a town writes where each message costs: what it pays for, nobody else may choose. Pure.

Whoever writes from a number has the town answer to it. So no letter goes to numbers of a special tariff, to short ones,
or to countries that the town has not allowed.
"""

from collections.abc import Collection
from typing import Final

import phonenumbers

FRANCE: Final = frozenset({"FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF"})
"""Metropolitan and overseas France, by ISO 3166: what a town reaches that says nothing else."""

OTHER_COUNTRY: Final = "country-not-allowed"
OTHER_KIND: Final = "number-not-allowed"

_Type: Final = phonenumbers.PhoneNumberType
_FRENCH_PLAN: Final = frozenset({33, 590, 594, 596, 262, 508})
_SPECIAL_TARIFF: Final = "8"  # 08… in that plan (Arcep's decision 2018-0881), also where no library knows the range yet
_REFUSED: Final = frozenset({_Type.PREMIUM_RATE, _Type.SHARED_COST, _Type.UAN, _Type.PAGER, _Type.VOICEMAIL})


def reason_against(number: str, countries: Collection[str]) -> str | None:
    """Return why nothing is sent to a number in E.164; None where something may be. countries: ISO 3166."""
    parsed = _parsed(number)
    if parsed is None or phonenumbers.number_type(parsed) in _REFUSED or _is_of_special_tariff(parsed):
        return OTHER_KIND
    regions = _regions(parsed)
    return None if regions and regions.issubset(countries) else OTHER_COUNTRY


def country_of(number: str, known: Collection[str]) -> str | None:
    """Return which of the known countries a number belongs to, for its price; None for none, or for no number."""
    parsed = _parsed(number)
    return None if parsed is None else min(_regions(parsed).intersection(known), default=None)


def is_country(code: str) -> bool:
    """Say whether there are telephone numbers under a country's two letters."""
    return code in phonenumbers.SUPPORTED_REGIONS


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    """Return a whole number; None for a short one, which no network abroad knows, and for what is none."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_possible_number(parsed) else None


def _is_of_special_tariff(number: phonenumbers.PhoneNumber) -> bool:
    national = phonenumbers.national_significant_number(number)
    return number.country_code in _FRENCH_PLAN and national.startswith(_SPECIAL_TARIFF)


def _regions(number: phonenumbers.PhoneNumber) -> frozenset[str]:
    """Return the country whose numbering plan has a number, or all that share its code: ranges are opened before a
    library knows them."""
    surely = phonenumbers.region_code_for_number(number)
    if surely is not None:
        return frozenset({surely})
    return frozenset(phonenumbers.region_codes_for_country_code(number.country_code or 0))
