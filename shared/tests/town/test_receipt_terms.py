"""What a full receipt tells of the service in charge and of appeals: without it the town does not start, R3 (docs/law.md 11)."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from guichet.errors import SettingsError
from guichet.ids import DepartmentId, ProcedureId
from guichet.law.clocks.rules import SilenceMeans
from guichet.town import load_town
from guichet.town.migrations.table import CURRENT
from guichet.town.remedies import Remedies, RemediesEntry
from guichet_testing.builders.example_town import EXAMPLE_TOWN

TOWN = load_town(EXAMPLE_TOWN)
CCAS = DepartmentId("ccas")
AID = ProcedureId("aide-sociale")
COURT = "court: Tribunal administratif de Saint-Aubin, 2 place du Palais, 99999 Saint-Aubin-des-Prés\n"
TERMS = '# terms: { published_on: 2026-01-15, url: "https://www.mairie.example/conditions", seize_at: contact@mairie.example }'
PAGE = "https://www.mairie.example/conditions"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the example town, to be changed."""
    return Path(shutil.copytree(EXAMPLE_TOWN, tmp_path / "town"))


def change(folder: Path, name: str, before: str, after: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert before in text
    (folder / name).write_text(text.replace(before, after, 1), encoding="utf-8")


def refusal(folder: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load_town(folder)
    return str(caught.value)


def close_sms(folder: Path, terms: str) -> None:
    change(folder, "channels.yaml", "sms: { sve_status: saisine", "sms: { sve_status: contact_only")
    change(folder, "town.yaml", TERMS, terms)


def test_every_department_that_a_case_can_reach_has_what_the_law_wants_of_it() -> None:
    for name, department in TOWN.departments.items():
        terms = TOWN.receipt_terms(None, name)
        told = (terms.department, terms.email, terms.postal_address, terms.phone)
        assert told == (department.name, department.email, department.postal_address, department.phone)
        assert all(told)
        for sentence in (terms.without_telephone.fr, terms.without_telephone.en):
            assert department.email in sentence
            assert department.postal_address in sentence
        assert terms.procedure is None


@pytest.mark.parametrize("field", ["name", "email", "phone", "postal_address"])
def test_a_department_without_one_of_it_stops_the_start_with_its_line(folder: Path, field: str) -> None:
    text = (folder / "organisation.yaml").read_text(encoding="utf-8")
    begins = text.index("  ccas:\n")
    [line] = [each for each in text[begins:].splitlines()[1:6] if each.strip().startswith(f"{field}:")]
    change(folder, "organisation.yaml", line + "\n", "")
    nth = text[:begins].count("\n") + 1
    assert f"organisation.yaml:{nth}: departments.ccas.{field}: this field is missing." in refusal(folder)


@pytest.mark.parametrize("department", [*TOWN.departments])
def test_a_procedure_that_silence_rejects_names_where_one_appeals(department: DepartmentId) -> None:
    rejected = [
        name
        for name, procedure in TOWN.procedures.items()
        if procedure.is_of(department)
        and any(each.rule.silence and each.rule.silence.means is SilenceMeans.REJECTS for each in procedure.rules.all)
    ]
    assert len(rejected) >= 3
    for name in rejected:
        terms = TOWN.receipt_terms(name, department)
        assert "deux mois" in terms.remedies.fr, name
        assert "two months" in terms.remedies.en, name
        assert "{court}" not in terms.remedies.fr + terms.remedies.en, name
        assert terms.procedure is not None
        assert terms.procedure.fr != terms.procedure.en, name


@pytest.mark.parametrize(
    ("procedure", "tells", "does_not"),
    [
        ("aide-sociale", "2 place du Palais", "CADA"),
        ("documents-administratifs", "Commission d’accès aux documents administratifs", "recours gracieux"),
        ("attestation-accueil", "saisir le préfet", "recours gracieux"),
        ("recours-gracieux", "2 place du Palais", "recours gracieux"),
    ],
)
def test_a_procedure_has_appeals_of_its_own(procedure: str, tells: str, does_not: str) -> None:
    said = TOWN.receipt_terms(ProcedureId(procedure), CCAS).remedies.fr
    assert tells in said
    assert does_not not in said


def test_a_sentence_in_french_does_not_break_before_its_colon() -> None:
    terms = TOWN.receipt_terms(AID, CCAS)
    assert "compétente\u00a0: Tribunal" in terms.remedies.fr
    assert "téléphoner\u00a0?" in terms.without_telephone.fr


def test_a_town_s_own_words_come_before_the_usual_ones_and_a_procedure_s_before_them() -> None:
    own = RemediesEntry(fr="Écrivez au tribunal de {court}.", en="Write to {court}.")
    town = replace(TOWN, remedies=Remedies("Rouen", own))
    assert town.receipt_terms(AID, CCAS).remedies.fr == "Écrivez au tribunal de Rouen."
    assert town.receipt_terms(AID, CCAS).remedies.en == "Write to Rouen."
    assert "CADA" in town.receipt_terms(ProcedureId("documents-administratifs"), CCAS).remedies.fr


def test_what_the_files_know_no_more_is_answered_for_by_the_fallback() -> None:
    terms = TOWN.receipt_terms(ProcedureId("gone"), DepartmentId("gone"))
    assert (terms.department, terms.procedure) == ("Accueil et relations avec les usagers", None)
    assert "Tribunal administratif" in terms.remedies.fr


def test_a_telephone_relay_is_told_where_the_town_has_one(folder: Path) -> None:
    change(folder, "town.yaml", "# telephone_relay:", "telephone_relay:")
    said = load_town(folder).receipt_terms(None, CCAS).without_telephone
    assert said.fr.endswith("Relais téléphonique\u00a0: https://relais.mairie.example/")
    assert said.en.endswith("Telephone relay: https://relais.mairie.example/")


def test_a_town_that_does_not_say_where_one_appeals_does_not_start(folder: Path) -> None:
    change(folder, "town.yaml", COURT, "")
    said = refusal(folder)
    assert "town.yaml:1: a receipt says where one appeals when silence rejects (CRPA R112-11-1); give `court`" in said
    (folder / "procedures.yaml").unlink()
    change(folder, "rules.yaml", "rules:\n", "rules: []\nx:\n")
    rules = (folder / "rules.yaml").read_text(encoding="utf-8")
    (folder / "rules.yaml").write_text(rules[: rules.index("x:")], encoding="utf-8")
    assert load_town(folder).remedies.court is None, "without a catalogue nothing is said of silence"


@pytest.mark.parametrize(
    "instead",
    ["court: à confirmer\n", "court: À CONFIRMER (Rouen ?)\n", 'remedies: { fr: "Écrivez.", en: "Write." }\n'],
)
def test_a_court_that_is_to_be_confirmed_or_words_of_one_s_own_are_enough_to_start(folder: Path, instead: str) -> None:
    change(folder, "town.yaml", COURT, instead)
    said = load_town(folder).receipt_terms(AID, CCAS).remedies.fr
    assert "CONFIRMER" not in said.upper()
    assert "le tribunal administratif dont dépend la commune" in said or said == "Écrivez."


def test_a_folder_of_before_is_read_without(folder: Path) -> None:
    change(folder, "town.yaml", COURT, "")
    change(folder, "town.yaml", f"version: {CURRENT}", "version: 3")
    close_sms(folder, f'terms: {{ published_on: 2026-01-15, url: "{PAGE}" }}')
    town = load_town(folder)
    assert town.seize_at == PAGE, "the page of the terms says by what way"
    assert "dont dépend la commune" in town.receipt_terms(AID, CCAS).remedies.fr


@pytest.mark.parametrize("way", ["contact@mairie.example", "https://guichet.mairie.example/"])
def test_a_channel_that_seizes_nobody_names_one_that_does(folder: Path, way: str) -> None:
    close_sms(folder, f'terms: {{ published_on: 2026-01-15, url: "{PAGE}", seize_at: "{way}" }}')
    assert load_town(folder).seize_at == way


def test_a_call_that_seizes_nobody_demands_no_way_in(folder: Path) -> None:
    """No receipt leaves for it: nothing has to be named."""
    change(folder, "town.yaml", TERMS, f'terms: {{ published_on: 2026-01-15, url: "{PAGE}" }}')
    change(folder, "channels.yaml", "channels:\n", "channels:\n  phone: { sve_status: contact_only }\n")
    assert load_town(folder).seize_at == PAGE


def test_a_town_that_published_no_terms_is_seized_by_every_channel() -> None:
    assert TOWN.seize_at is None


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("", "channels.sms.sve_status: a channel can be contact_only only where the town published its terms"),
        (f'terms: {{ published_on: 2026-01-15, url: "{PAGE}" }}', "terms: sms: a receipt there names a way that does"),
        (f'terms: {{ url: "{PAGE}", seize_at: "{PAGE}" }}', "terms.published_on: this field is missing."),
        (f'terms: {{ published_on: 2026-01-15, seize_at: "{PAGE}" }}', "terms.url: this field is missing."),
        (f'terms: {{ published_on: demain, url: "{PAGE}" }}', "terms.published_on: Input should be a valid date"),
        (
            f'terms: {{ published_on: 2026-01-15, url: "{PAGE}", seize_at: là-bas }}',
            "neither a mailbox nor the address",
        ),
        (
            f'terms: {{ published_on: 2026-01-15, url: "{PAGE}", seize_at: autre@mairie.example }}',
            "terms.seize_at: autre@mairie.example is not a mailbox of the town.",
        ),
    ],
)
def test_terms_that_do_not_lead_to_a_valid_channel_stop_the_start(folder: Path, terms: str, said: str) -> None:
    close_sms(folder, terms)
    found = refusal(folder)
    assert said in found
    name = "channels.yaml" if said.startswith("channels") else "town.yaml"
    words = "sms: {" if name == "channels.yaml" else "terms:"
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    nth = next(nth for nth, line in enumerate(lines, 1) if line.strip().startswith(words))
    assert f"{name}:{nth}: " in found


def test_a_mailbox_is_no_way_in_where_mail_seizes_nobody(folder: Path) -> None:
    close_sms(folder, f'terms: {{ published_on: 2026-01-15, url: "{PAGE}", seize_at: contact@mairie.example }}')
    change(folder, "channels.yaml", "email: { sve_status: saisine", "email: { sve_status: contact_only")
    assert "no mail to contact@mairie.example seizes the town; say `saisine` of a channel of mailboxes" in refusal(
        folder
    )
