"""costs.yaml: a town's prices, caps and countries, checked at start."""

import shutil
from pathlib import Path

import pytest

from guichet.errors import SettingsError
from guichet.town import load_town
from guichet_testing.builders.example_town import EXAMPLE_TOWN

PRICES = "prices: { sms: { FR: 0.075, other: 0.25 }, whatsapp: { other: 0.04 } }"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    town = tmp_path / "town"
    shutil.copytree(EXAMPLE_TOWN, town)
    return town


def written(folder: Path, account: str) -> Path:
    (folder / "costs.yaml").write_text(f"accounts:\n  {account}\n", encoding="utf-8")
    return folder


def test_a_town_without_the_file_has_no_cap_and_reaches_france(folder: Path) -> None:
    (folder / "costs.yaml").unlink()
    costs = load_town(folder).costs_of("twilio")
    assert (costs.day_cap, costs.month_cap, costs.price("sms", "+33639980101")) == (None, None, 0)
    assert {"FR", "RE", "PF"} <= {*costs.countries}


def test_prices_are_by_channel_and_country_and_caps_in_whole_millionths(folder: Path) -> None:
    costs = load_town(written(folder, f"twilio: {{ {PRICES}, day: 60, month: 900.5 }}")).costs_of("twilio")
    assert costs.price("sms", "+33639980101") == 75_000
    assert costs.price("sms", "+262692123456") == 250_000
    assert costs.price("whatsapp", "+33639980101") == 40_000
    assert (costs.day_cap, costs.month_cap) == (60_000_000, 900_500_000)


@pytest.mark.parametrize(
    ("account", "says"),
    [
        ("loft: { day: 3 }", "no account of that name charges for letters; there are: twilio."),
        ("mail: { month: 3 }", "no account of that name charges for letters"),
        ("twilio: { day: 3 }", "a cap needs a price for sms: give `other` under prices.sms."),
        ("twilio: { day: 3, prices: { sms: { FR: 1 } } }", "a cap needs a price for sms"),
        (f"twilio: {{ {PRICES}, day: 30, month: 20 }}", "a day may not cost more than its month."),
        ("twilio: { prices: { email: { other: 1 } } }", "'email' is no channel that twilio charges for."),
        ("twilio: { prices: { sms: { FRANCE: 1 } } }", "no country is called 'FRANCE'"),
        ("twilio: { countries: [FR, XX] }", "no country is called 'XX'"),
        ("twilio: { day: -1 }", "accounts.twilio.day"),
        ("twilio: { dya: 1 }", "accounts.twilio.dya"),
    ],
)
def test_a_mistake_is_told_with_its_line(folder: Path, account: str, says: str) -> None:
    with pytest.raises(SettingsError) as told:
        load_town(written(folder, account))
    assert says in str(told.value)
    assert "costs.yaml:2:" in str(told.value)
