"""A town's folder of an older Guichet is refused with what to do, and is brought to today's form as the town wrote it."""

import shutil
from pathlib import Path

import pytest
import yaml

from guichet.errors import SettingsError
from guichet.law.territories import Territory
from guichet.town import load_town
from guichet.town.migrations import m0003_of_one_territory, m0004_of_appeals_and_ways_in
from guichet.town.migrations.run import migrated, version_of
from guichet.town.migrations.table import CURRENT, FIRST, MIGRATIONS
from guichet_testing.builders.example_town import EXAMPLE_TOWN

OF_THEN = "# ours\nchannels:\n  # never by mail\n  telegram: { sve_status: saisine } # since May\n"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """The example's folder, as it is today."""
    return Path(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town"))


@pytest.fixture
def first(town: Path) -> Path:
    """A folder as the first towns had it."""
    for text in [
        each for name in ("receipts", "abuse", "acknowledgement*") for each in town.glob(f"templates/{name}_*")
    ]:
        text.unlink()
    (town / "town.yaml").write_text((town / "town.yaml").read_text().replace(f"version: {CURRENT}\n", ""))
    (town / "channels.yaml").write_text(OF_THEN)
    return town


def test_numbers_grow_from_the_first_and_the_example_has_been_through_all() -> None:
    numbers = [FIRST, *(each.number for each in MIGRATIONS)]
    assert numbers == sorted(set(numbers))
    assert version_of(EXAMPLE_TOWN) == CURRENT
    assert not migrated(EXAMPLE_TOWN).applied


def test_a_folder_of_then_is_refused_with_what_to_do(first: Path) -> None:
    with pytest.raises(SettingsError, match=f"Run: guichet town migrate {first}"):
        load_town(first)


def test_a_folder_of_then_keeps_what_the_town_wrote(first: Path) -> None:
    changed = migrated(first).changed
    assert changed["channels.yaml"] == (
        "# ours\nchannels:\n  # never by mail\n  email: { sve_status: saisine }\n  portal: { sve_status: saisine }\n"
        "  telegram: { sve_status: saisine } # since May\n"
    )
    for name, text in changed.items():
        (first / name).write_text(text)
    assert [*load_town(first).channels] == ["email", "portal", "telegram"]
    assert version_of(first) == CURRENT
    assert not migrated(first).changed


def test_what_a_later_town_closed_stays_closed(town: Path) -> None:
    (town / "channels.yaml").write_text(OF_THEN)
    (town / "town.yaml").write_text((town / "town.yaml").read_text().replace(f"version: {CURRENT}\n", ""))
    assert [*load_town(town).channels] == ["telegram"]
    assert [*migrated(town).changed] == ["town.yaml"]


def test_a_file_that_cannot_be_changed_is_said_with_what_to_write(first: Path) -> None:
    (first / "channels.yaml").write_text("channels: {telegram: {sve_status: saisine}}\n")
    with pytest.raises(SettingsError, match=r"Under `channels`, add: email: \{ sve_status: saisine \} portal:"):
        migrated(first)


OLDER = "# ours\nversion: 2\nalsace_moselle: {} # since May\n{}name: X\n"


@pytest.mark.parametrize(
    ("said", "beside", "becomes"),
    [
        ("true", "", "# ours\nversion: 2\nterritory: alsace-moselle\nname: X\n"),
        ("yes", "territory: alsace-moselle\n", "# ours\nversion: 2\nterritory: alsace-moselle\nname: X\n"),
        ("false", "", "# ours\nversion: 2\nname: X\n"),
        ("no", "territory: mayotte\n", "# ours\nversion: 2\nterritory: mayotte\nname: X\n"),
    ],
)
def test_a_town_says_by_its_territory_alone_where_it_lies(said: str, beside: str, becomes: str) -> None:
    after = m0003_of_one_territory.run({"town.yaml": OLDER.format(said, beside)})
    assert after == {"town.yaml": becomes}
    assert m0003_of_one_territory.run(after) == {}


@pytest.mark.parametrize(("said", "beside"), [("true", "territory: mayotte\n"), ("maybe", ""), ("", "")])
def test_a_territory_that_nobody_can_tell_is_for_the_town_to_say(said: str, beside: str) -> None:
    with pytest.raises(SettingsError, match="Take `alsace_moselle` away, and in Alsace-Moselle write: territory: als"):
        m0003_of_one_territory.run({"town.yaml": OLDER.format(said, beside)})


def test_a_folder_that_still_says_alsace_moselle_is_read_until_no_older_service_is_left(town: Path) -> None:
    """docs/upgrading.md: those of before and of now read one folder for a while."""
    before = (town / "town.yaml").read_text().replace(f"version: {CURRENT}", "version: 2")
    (town / "town.yaml").write_text(before.replace("territory: metropolitan", "alsace_moselle: true"))
    assert load_town(town).territory is Territory.ALSACE_MOSELLE
    for name, text in migrated(town).changed.items():
        (town / name).write_text(text)
    assert load_town(town).territory is Territory.ALSACE_MOSELLE
    assert "alsace_moselle:" not in (town / "town.yaml").read_text()


OPEN = "channels:\n  sms: { sve_status: saisine }\n"
CLOSED = "channels:\n  sms: { sve_status: contact_only }\n"
FLOW = 'terms: { published_on: 2026-01-15, url: "https://v.example/c" } # since January\n'
BLOCK = "terms:  # since January\n    url: https://v.example/c\n    published_on: 2026-01-15\n"


@pytest.mark.parametrize("terms", ["", FLOW, BLOCK])
@pytest.mark.parametrize("channels", [OPEN, CLOSED])
@pytest.mark.parametrize("court", ["", "court: Rouen\n", "remedies: { fr: É., en: W. }\n"])
def test_a_town_is_given_a_court_to_be_confirmed_and_the_way_in_that_its_terms_name(
    terms: str, channels: str, court: str
) -> None:
    before = {"town.yaml": f"# ours\nname: X\n{terms}{court}", "channels.yaml": channels}
    changed = m0004_of_appeals_and_ways_in.run(before)
    after = before | changed
    was, now = yaml.safe_load(before["town.yaml"]), yaml.safe_load(after["town.yaml"])
    wanted = was | ({} if court else {"court": "à confirmer"})
    if terms and channels == CLOSED:
        wanted["terms"] = was["terms"] | {"seize_at": "https://v.example/c"}
    assert now == wanted
    assert after["town.yaml"].startswith("# ours\n")
    assert ("since January" in after["town.yaml"]) is bool(terms)
    assert m0004_of_appeals_and_ways_in.run(after) == {}


def test_terms_that_cannot_be_changed_are_said_with_what_to_write() -> None:
    odd = {"town.yaml": 'court: X\n"terms": { url: https://v.example/c }\n', "channels.yaml": CLOSED}
    with pytest.raises(SettingsError, match=r"Under `terms`, add: seize_at: 'https://v\.example/c'"):
        m0004_of_appeals_and_ways_in.run(odd)


def test_a_folder_of_before_appeals_is_read_and_migrated(town: Path) -> None:
    """Upgrading waits for no answer: what nobody said is to be confirmed."""
    text = (town / "town.yaml").read_text(encoding="utf-8").replace(f"version: {CURRENT}", "version: 3")
    text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("court:"))
    (town / "town.yaml").write_text(text, encoding="utf-8")
    assert load_town(town).remedies.court is None
    found = migrated(town)
    assert [*found.changed] == ["town.yaml"]
    (town / "town.yaml").write_text(found.changed["town.yaml"], encoding="utf-8")
    assert load_town(town).remedies.court is None
    assert version_of(town) == CURRENT


def test_a_folder_of_a_newer_guichet_is_refused(town: Path) -> None:
    newer = (town / "town.yaml").read_text().replace(f"version: {CURRENT}", f"version: {CURRENT + 1}\nnew_field: yes")
    (town / "town.yaml").write_text(newer)
    with pytest.raises(SettingsError, match=rf"version {CURRENT + 1} is of a newer Guichet.*town\.v{CURRENT}"):
        load_town(town)
