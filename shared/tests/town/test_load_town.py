"""A town's folder: what is right is read, what is wrong names its file and line."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from guichet.errors import SettingsError
from guichet.law.territories import Territory
from guichet.town import load_town
from guichet.town.policies import SveStatus
from guichet.town.samples import sample_receipts
from guichet.town.texts import in_french
from guichet_testing.builders.example_town import EXAMPLE_TOWN


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example town, to be spoilt."""
    return Path(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town"))


def spoil(folder: Path, name: str, before: str, after: str) -> str:
    """Replace the first `before` and return what load_town then says."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_town(folder)
    return str(caught.value)


def line_with(name: str, words: str) -> int:
    """The line of the example's file that holds these words."""
    lines = (EXAMPLE_TOWN / name).read_text(encoding="utf-8").splitlines()
    return next(nth for nth, line in enumerate(lines, 1) if words in line)


def test_the_example_town_is_whole() -> None:
    town = load_town(EXAMPLE_TOWN)
    assert (town.main_mailbox, town.domain) == ("contact@mairie.example", "mairie.example")
    assert set(town.mailboxes) == {f"{name}@mairie.example" for name in ("contact", "voirie", "etat-civil", "ccas")}
    assert town.channels["sms"].idle_window == timedelta(days=3)
    assert town.channels["telegram"].idle_window == timedelta(hours=24)
    assert town.sectors[town.sector_of(town.mailboxes["ccas@mairie.example"].department or "")].sensitive
    assert {name for agent in town.agents for name in agent.departments} == set(town.departments)
    assert any(len(agent.departments) > 1 for agent in town.agents)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("HX111", "XH111", "'XH11111111111111111111111111111111' is no id of an approved message of whatsapp"),
        ("receipt: HX1", "reminder: HX1", "channels.whatsapp.templates.reminder"),
        (
            "email: { sve_status: saisine }",
            "email: { sve_status: saisine, templates: { answer: HX1 } }",
            "email sends no approved messages",
        ),
    ],
)
def test_a_template_is_one_of_its_channel_s_provider(folder: Path, before: str, after: str, why: str) -> None:
    assert why in spoil(folder, "channels.yaml", before, after)


def test_a_town_needs_no_template() -> None:
    assert [each for _, each in load_town(EXAMPLE_TOWN).policy("sms").templates if each] == []


def test_a_channel_the_town_does_not_name_is_a_saisine() -> None:
    assert load_town(EXAMPLE_TOWN).policy("letter").sve_status is SveStatus.SAISINE


def test_a_town_overseas_has_the_holiday_of_its_part_of_france(folder: Path) -> None:
    path = folder / "town.yaml"
    path.write_text(path.read_text().replace("territory: metropolitan", "territory: mayotte"))
    town = load_town(folder)
    assert town.territory is Territory.MAYOTTE
    assert town.working_days.is_holiday(date(2026, 4, 27))


def test_a_town_of_alsace_moselle_says_whether_good_friday_is_a_holiday(folder: Path) -> None:
    path = folder / "town.yaml"
    there = path.read_text().replace("territory: metropolitan", "territory: alsace-moselle")
    for more, is_holiday in (("", True), ("\ngood_friday: false\n", False)):
        path.write_text(there + more)
        assert load_town(folder).working_days.is_holiday(date(2026, 4, 3)) is is_holiday


SPOILT = [
    ("town.yaml", "territory: metropolitan", "territory: mayotte\nalsace_moselle: true", "is not in Alsace-Moselle"),
    ("town.yaml", "territory: metropolitan", "territory: reunion", "Input should be 'metropolitan', 'alsace-moselle'"),
    ("procedures.yaml", "department: ccas", "department: cas", "no department 'cas'"),
    ("rules.yaml", "procedure: aide-sociale", "procedure: aide", "no procedure 'aide' in procedures.yaml"),
    ("rules.yaml", "procedure: aide-sociale", "procedure: urbanisme", "treated by 'urbanisme', not 'ccas'"),
    ("profiles.yaml", "departments: own", "departments: [ici]", "no department 'ici'"),
    ("profiles.yaml", "departments: own", "departments: own, procedures: [rien]", "no procedure 'rien'"),
    ("town.yaml", "name: Saint", "nom: Saint", "nom: this field is unknown"),
    ("town.yaml", "fallback_department: accueil", "fallback_department: acceuil", "no department 'acceuil'"),
    ("town.yaml", "main_mailbox: contact@", "main_mailbox: conctact@", "not among the mailboxes"),
    ("town.yaml", "reopen_within: 90 days", "reopen_within: 3 moons", "not a duration"),
    ("town.yaml", "abuse_lasts: 90 days", "abuse_lasts: 400 days", "less than or equal to"),
    ("town.yaml", "threats_kept: 72 months", "threats_kept: 6 years", "no delay of the law"),
    ("town.yaml", "dpo: dpo@mairie.example", "dpo: le délégué", "not a mail address"),
    ("town.yaml", "{ department: voirie }", "{ department: voierie }", "no department 'voierie'"),
    ("organisation.yaml", "sector: etat-civil-citoyennete", "sector: etatcivil", "no sector 'etatcivil'"),
    ("organisation.yaml", "phone: 01 99 00 12 10", "phone: bientôt", "not a phone number"),
    ("organisation.yaml", "email: ccas@mairie.example", "email: ccas", "not a mail address"),
    ("organisation.yaml", "  voirie:", "  urbanisme:", "stands here twice"),
    ("organisation.yaml", "social: { name: Action sociale,", "social: { nom: Action sociale,", "social.nom"),
    ("agents.yaml", "sign_in: karim.haddad", "sign_in: claire.dumas", "two agents sign in as"),
    ("agents.yaml", "departments: [ccas]", "departments: [cas]", "no department 'cas'"),
    ("rules.yaml", "id: boite-voirie, mailbox: voirie@", "id: boite-voirie, mailbox: route@", "not a mailbox"),
    ("rules.yaml", "id: boite-voirie,", "id: boite-ccas,", "two rules are called"),
    ("rules.yaml", "mailbox: ccas@mairie.example, department", "department", "either keywords or a mailbox"),
    ("channels.yaml", "email: { sve_status: saisine", "email: { sve_status: contact_only", "R112-9-2"),
    ("channels.yaml", "telegram: {", "telegramme: {", "telegramme"),
    ("privacy.yaml", "title: Vos", "titre: Vos", "titre"),
    ("templates/receipt_mail.txt", "{{ follow_url }}", "{{ lien_de_suivi }}", "lien_de_suivi"),
    ("templates/receipt_short.txt", "{{ department.name }}", "{{ department.nom }}", "nom"),
    ("templates/reply_mail.txt", "{{ text }}", "{{ text text }}", "expected token"),
]


@pytest.mark.parametrize(("name", "before", "after", "sentence"), SPOILT)
def test_a_mistake_names_its_file_and_line(folder: Path, name: str, before: str, after: str, sentence: str) -> None:
    said = spoil(folder, name, before, after)
    assert sentence in said
    if "twice" in sentence:
        after = "  urbanisme:\n    name: Urbanisme"  # the second of the two is the mistake
    assert f"{folder / name}:{line_of_mistake(folder / name, after)}:" in said


def line_of_mistake(path: Path, words: str) -> int:
    text = path.read_text(encoding="utf-8")
    return text[: text.index(words)].count("\n") + 1


def test_a_department_without_phone_never_reaches_a_citizen_as_a_blank(folder: Path) -> None:
    said = spoil(folder, "organisation.yaml", "    phone: 01 99 00 12 10\n", "")
    assert "departments.voirie.phone: this field is missing." in said
    assert f":{line_with('organisation.yaml', '  voirie:')}:" in said


def test_every_mistake_of_a_file_is_said_at_once(folder: Path) -> None:
    spoil(folder, "agents.yaml", "departments: [ccas]", "departments: [cas]")
    said = spoil(folder, "agents.yaml", "departments: [voirie]", "departments: [rue]")
    assert len(said.splitlines()) == 2


@pytest.mark.parametrize(
    "mention", ["{{ received_on }}", "{{ reference }}", "{{ department.name }}", "{{ privacy_url }}"]
)
def test_a_receipt_that_leaves_out_what_it_owes_stops_the_start(folder: Path, mention: str) -> None:
    said = spoil(folder, "templates/receipt_short.txt", mention, "")
    assert f"leaves out {mention[3:-3]}" in said


@pytest.mark.parametrize(
    "mention",
    ["{{ reference }}", "{{ reason }}", "{{ until_on }}", "{{ department.postal_address }}", "{{ privacy_url }}"],
)
def test_a_notice_of_abuse_that_leaves_out_what_it_owes_stops_the_start(folder: Path, mention: str) -> None:
    said = spoil(folder, "templates/abuse_short.txt", mention, "")
    assert f"leaves out {mention[3:-3]}" in said


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "rules.yaml").unlink()
    with pytest.raises(SettingsError, match=r"rules\.yaml: this file is missing"):
        load_town(folder)


def test_what_is_not_yaml_is_named_with_its_line(folder: Path) -> None:
    (folder / "rules.yaml").write_text("rules:\n  - { id: [\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"rules\.yaml:3: this is not YAML"):
        load_town(folder)


def test_an_empty_file_is_said_to_lack_its_fields(folder: Path) -> None:
    (folder / "agents.yaml").write_text("", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"agents\.yaml:1: agents: this field is missing"):
        load_town(folder)


def test_plain_text_is_not_escaped() -> None:
    town = load_town(EXAMPLE_TOWN)
    receipt = sample_receipts(town.name, town.departments["scolaire"])[0]
    assert "Maison de l'enfance" in town.texts.base.receipt_mail.render(receipt)


def test_a_citizen_reads_the_first_of_may_in_paris() -> None:
    assert in_french(datetime(2026, 4, 30, 23, 5, tzinfo=UTC)) == ("1er mai 2026", "1\u00a0h\u00a005")


def test_a_citizens_words_are_values_and_never_template_code() -> None:
    town = load_town(EXAMPLE_TOWN)
    receipt = sample_receipts("{{ 7*7 }}", town.departments["voirie"])[0]
    assert "{{ 7*7 }}" in town.texts.base.receipt_mail.render(receipt)
