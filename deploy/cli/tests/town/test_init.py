"""`guichet town init`: a town is written whole and valid, bad input is refused in a sentence, nothing typed is lost."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from guichet.law.territories import Territory
from guichet.town import load_town
from guichet_cli.console.language import Language
from guichet_cli.town.command import app
from guichet_cli.town.places import USUAL_TOWN, Places
from guichet_cli.town.questions.of_town import of_town
from guichet_cli.town.write import Written
from guichet_topology.env_file import read_env


def init(folder: Path, *words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["init", str(folder), *words], input=typed)


def secrets_of(folder: Path) -> Path:
    return folder / "secrets" / "given.env"


def test_a_town_is_written_from_a_file_of_answers(tmp_path: Path, answers: Path) -> None:
    (tmp_path / "guichet.env").write_text("GUICHET_KAFKA_SECURITY=sasl_ssl\n")
    secrets_of(tmp_path).parent.mkdir()
    secrets_of(tmp_path).write_text("GUICHET_SMTP_PASSWORD=known\n")
    before = answers.read_text()

    done = init(tmp_path / "town", "--answers", str(answers))

    assert done.exit_code == 0, done.output
    town = load_town(tmp_path / "town")
    assert (town.name, town.dpo) == ("Villiers-sur-Exemple", "dpo@villiers.example")
    assert town.territory is Territory.ALSACE_MOSELLE
    assert town.mailboxes["ccas@villiers.example"].department == "ccas"
    assert town.mailboxes["contact@villiers.example"].department is None
    assert town.sectors[town.sector_of("ccas")].sensitive
    assert town.sector_of("cimetieres") == "cimetieres"
    assert town.agents[0].departments == ("accueil", "cimetieres"), "a sensitive department is nobody's unasked"
    assert {rule.department for rule in town.rules} == {"accueil", "ccas"}, "the mailbox's, and their usual words"
    anywhere = {name for name, each in town.procedures.items() if each.any_department}
    assert len(anywhere) == 4
    assert {*town.procedures} - anywhere == {"aide-sociale", "logement-social"}, "the usual ones of its departments"
    silences = [each.rule.silence for rules in town.clock_rules.procedures.values() for each in rules.all]
    assert all(each is not None and each.source is None for each in silences), "its own lawyer confirms it"
    settings = read_env((tmp_path / "guichet.env").read_text(), file="guichet.env")
    assert settings["GUICHET_KAFKA_SECURITY"] == "sasl_ssl", "what was there stays"
    assert settings["GUICHET_PORTAL_URL"] == "https://guichet.villiers.example"
    assert "PASSWORD" not in " ".join(settings)
    assert stat.S_IMODE(secrets_of(tmp_path).stat().st_mode) == 0o600
    assert "GUICHET_IMAP_CONTACT_PASSWORD, GUICHET_IMAP_CCAS_PASSWORD" in done.output, "what is still to be given"
    assert "GUICHET_SMTP_PASSWORD" not in done.output
    assert stat.S_IMODE((tmp_path / "town").stat().st_mode) == 0o755, "services read it"
    assert answers.read_text() == before, "a file that was written by hand stays as it is"


@pytest.mark.parametrize(
    ("address", "territory"),
    [
        ("1 rue X, 67000 Strasbourg", "alsace-moselle"),
        ("1 rue X, 97110 Pointe-à-Pitre", "guadeloupe"),
        ("1 rue X, 97133 Gustavia", "saint-barthelemy"),
        ("12345 rue X, 35000 Rennes", "metropolitan"),
        ("1 rue X", "metropolitan"),
    ],
)
def test_a_territory_is_proposed_by_the_postcode(address: str, territory: str) -> None:
    asked = {each.name: each for each in of_town({"postal_address": address})}
    assert asked["territory"].default == territory
    assert asked["territory"].read("La Réunion") == "la-reunion"


def test_what_an_opened_account_asks_is_among_the_answers(tmp_path: Path, answers: Path) -> None:
    with answers.open("a") as file:
        file.write(f"channels: [email, sms]\nGUICHET_TWILIO_ACCOUNT_SID: AC{'0' * 32}\n")
        file.write('GUICHET_TWILIO_NUMBER: "+33 7 00 00 00 00"\ncosts.twilio.month: 90\nrelay_user: aucun\n')
    done = init(tmp_path / "town", "--answers", str(answers))
    assert done.exit_code == 0, done.output
    settings = read_env((tmp_path / "guichet.env").read_text(), file="guichet.env")
    assert settings["GUICHET_TWILIO_NUMBER"] == "+33700000000"
    assert settings["GUICHET_TWILIO_PUBLIC_URL"] == "https://messages.villiers.example"
    assert "GUICHET_TWILIO_AUTH_TOKEN" not in settings
    assert "GUICHET_SMTP_USERNAME" not in settings
    assert "GUICHET_TWILIO_AUTH_TOKEN" in done.output, "it is still to be given"
    assert load_town(tmp_path / "town").costs["twilio"].month == 90


def test_the_court_and_the_way_in_that_receipts_name_are_asked(tmp_path: Path, answers: Path) -> None:
    with answers.open("a") as file:
        file.write("court: Tribunal administratif de Strasbourg, 31 avenue de la Paix, 67000 Strasbourg\nterms: oui\n")
        file.write("terms_url: https://villiers.example/conditions\nterms_date: 2026-01-15\n")
        file.write("terms_seize_at: contact@villiers.example\n")
    done = init(tmp_path / "town", "--answers", str(answers))
    assert done.exit_code == 0, done.output
    town = load_town(tmp_path / "town")
    assert town.seize_at == "contact@villiers.example"
    assert "31 avenue de la Paix" in town.receipt_terms(None, town.fallback_department).remedies.fr


def test_a_way_in_that_nobody_reads_is_refused(tmp_path: Path, answers: Path) -> None:
    with answers.open("a") as file:
        file.write("terms: oui\nterms_url: https://villiers.example/conditions\nterms_date: 2026-01-15\n")
        file.write("terms_seize_at: autre@villiers.example\n")
    done = init(tmp_path / "town", "--answers", str(answers))
    assert done.exit_code == 1
    assert "terms_seize_at: « autre@villiers.example » n’en fait pas partie ; choisissez : contact@" in done.output


def test_a_court_that_nobody_named_is_to_be_confirmed(tmp_path: Path, answers: Path) -> None:
    assert init(tmp_path / "town", "--answers", str(answers)).exit_code == 0
    assert "court: à confirmer" in (tmp_path / "town" / "town.yaml").read_text()
    assert load_town(tmp_path / "town").remedies.court is None


def test_nothing_of_the_example_town_is_left(tmp_path: Path, answers: Path) -> None:
    assert init(tmp_path / "town", "--answers", str(answers)).exit_code == 0
    for file in (tmp_path / "town").rglob("*.*"):
        assert "Saint-Aubin" not in file.read_text(), file
        assert "mairie.example" not in file.read_text(), file


def test_every_mistake_of_a_file_is_said_with_what_to_do(tmp_path: Path, answers: Path) -> None:
    with answers.open("a") as file:
        file.write("dpo: nobody\nrelay_port: 0\nbirthday: 2026-01-01\n")
    done = init(tmp_path / "town", "--answers", str(answers))
    assert done.exit_code == 1
    assert f"{answers}: dpo: « nobody » n’est pas une adresse électronique ; écrivez-la comme" in done.output
    assert f"{answers}: relay_port: « 0 » n’est pas un port" in done.output
    assert f"{answers}: birthday: aucune question n’a ce nom" in done.output
    assert not (tmp_path / "town").exists()


def test_an_answer_that_only_the_town_knows_must_be_there(tmp_path: Path, answers: Path) -> None:
    answers.write_text("name: Villiers\n")
    done = init(tmp_path / "town", "--answers", str(answers), "--lang", "en")
    assert done.exit_code == 1
    assert "postal_address: “Postal address of the town hall" in done.output
    assert "add the line `postal_address: …`" in done.output


def test_a_town_that_is_described_is_not_written_over(tmp_path: Path, answers: Path) -> None:
    assert init(tmp_path / "town", "--answers", str(answers)).exit_code == 0
    done = init(tmp_path / "town", "--answers", str(answers))
    assert done.exit_code == 1
    assert "décrit déjà une ville : modifiez ses fichiers" in done.output


FIRST = [
    "",
    "Villiers",
    "2 rue de la République, 99999 Villiers",
    "douze",
    "01 99 00 34 00",
    "contact@villiers.example",
]


def test_what_was_typed_is_kept_and_asked_no_more(tmp_path: Path) -> None:
    stopped = init(tmp_path / "town", typed="\n".join(FIRST))
    assert stopped.exit_code == 1
    assert "« douze » n’est pas un numéro de téléphone ; écrivez-le comme 01 99 00 12 00." in stopped.output
    assert "Il faut une réponse ici." in stopped.output
    assert "Vos réponses sont gardées dans" in stopped.output
    kept = (tmp_path / "town.answers.yaml").read_text()
    assert "telephone: 01 99 00 34 00" in kept
    again = init(tmp_path / "town", typed="")
    assert "4 réponses de la dernière fois" in again.output
    assert "Nom de la commune" not in again.output


def test_one_may_go_back_to_what_was_answered_last_time(tmp_path: Path) -> None:
    init(tmp_path / "town", typed="\n".join(FIRST))
    again = init(tmp_path / "town", typed="<\n<\n01 99 00 35 00\naccueil@villiers.example\n")
    assert "Téléphone de la mairie" in again.output
    kept = (tmp_path / "town.answers.yaml").read_text()
    assert "telephone: 01 99 00 35 00" in kept
    assert "main_mailbox: accueil@villiers.example" in kept


def test_a_person_is_asked_to_the_end_and_may_go_back(tmp_path: Path) -> None:
    typed = [
        *FIRST,
        "",  # not in Alsace-Moselle
        "Accueil et relations avec les usagers",
        "<",  # back to the departments
        "Accueil et relations avec les usagers; Voirie et éclairage public",
        "", "", "",  # the fallback, contacts, other mailboxes
        "Jeanne Morel",
        "",  # her departments
        "", "", "", "", "s3cret",  # channels, intake, system, since, the mailbox's password
        "", "", "", "", "",  # relay: the password is given later
        "", "", "", "", "", "",  # DPO, court, alarms, terms, addresses
    ]  # fmt: skip
    done = init(tmp_path / "town", typed="\n".join(typed) + "\n")
    assert done.exit_code == 0, done.output
    assert [*load_town(tmp_path / "town").departments] == ["accueil", "voirie"]
    assert "s3cret" not in done.output + (tmp_path / "town.answers.yaml").read_text()
    assert stat.S_IMODE(secrets_of(tmp_path).parent.stat().st_mode) == 0o700
    assert read_env(secrets_of(tmp_path).read_text(), file="given.env")["GUICHET_IMAP_CONTACT_PASSWORD"] == "s3cret"
    assert "Il manque encore la valeur de GUICHET_SMTP_PASSWORD" in done.output


@pytest.mark.parametrize(
    ("lines", "whose"),
    [
        ("other_mailboxes: ccas@villiers.example\n", "ccas"),  # a department's own, named once more
        ("own_contacts: no\nother_mailboxes: ccas@villiers.example\n", "ccas"),  # it is called like the department
        ("other_mailboxes: aide@villiers.example\n", None),  # the rules decide
        ("other_mailboxes: aide@villiers.example\nmailbox.aide@villiers.example: Cimetières\n", "cimetieres"),
        ("own_contacts: no\nother_mailboxes: ccas@villiers.example\nmailbox.ccas@villiers.example: aucun\n", None),
    ],
)
def test_a_mailbox_is_a_department_s_where_somebody_would_think_so(
    tmp_path: Path, answers: Path, lines: str, whose: str | None
) -> None:
    """Else a letter to the social services is read at the reception."""
    text = answers.read_text()
    if "own_contacts: no" in lines:
        text = text.replace("own_contacts: true\ndepartment.ccas.mailbox: ccas@villiers.example\n", "")
    answers.write_text(text + lines)
    done = init(tmp_path / "town", "--answers", str(answers))
    assert done.exit_code == 0, done.output
    mailboxes = load_town(tmp_path / "town").mailboxes
    address = "aide@villiers.example" if "aide@" in lines else "ccas@villiers.example"
    assert mailboxes[address].department == whose
    assert mailboxes["contact@villiers.example"].department is None


def test_what_is_asked_of_all_goes_where_nothing_leads_elsewhere_in_a_town_without_a_reception(
    tmp_path: Path, answers: Path
) -> None:
    answers.write_text(answers.read_text().replace("Accueil et relations avec les usagers, ", ""))
    done = init(tmp_path / "town", "--answers", str(answers))
    assert done.exit_code == 0, done.output
    town = load_town(tmp_path / "town")
    documents = town.procedures["documents-administratifs"]  # type: ignore[index]
    assert (documents.department, documents.any_department) == (town.fallback_department, True)


@pytest.mark.parametrize(("folder", "is_server"), [(USUAL_TOWN, True), (Path("town"), False)])
def test_on_a_server_the_next_step_is_named_first(folder: Path, is_server: bool) -> None:
    [*_, last] = Written(Places.of(folder), ()).told(Language.FRENCH)
    assert last.startswith("Ensuite : « guichet-server apply »") is is_server
    assert "guichet town check" in last


def test_two_names_of_one_department_are_refused(tmp_path: Path, answers: Path) -> None:
    answers.write_text(answers.read_text().replace("Cimetières]", "Cimetières, cimetieres]"))
    done = init(tmp_path / "town", "--answers", str(answers))
    assert done.exit_code == 1
    assert "« Cimetières » et « cimetieres » sont le même service ; n’en gardez qu’un." in done.output
