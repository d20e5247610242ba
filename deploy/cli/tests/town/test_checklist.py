"""`guichet town checklist`: what is seen to be missing is said with what to do, and what a person did is kept by name."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from guichet.town import load_town
from guichet.town.remedies import Remedies
from guichet_cli.console.language import words
from guichet_cli.town.checklist.attested import Done, attested, duties
from guichet_cli.town.checklist.command import missing_said
from guichet_cli.town.checklist.seen import seen
from guichet_cli.town.command import app
from guichet_cli.town.findings import Finding, State
from guichet_testing.builders.example_town import EXAMPLE_TOWN

SET = {
    "GUICHET_PORTAL_URL": "https://guichet.mairie.fr",
    "GUICHET_DESK_URL": "https://agents.mairie.fr",
    "GUICHET_ONCALL_EMAIL": "astreinte@mairie.fr",
    "GUICHET_BACKUPS": "/b",
    "GUICHET_VAULT_BACKUPS": "/v",
    "GUICHET_VAULT_COPY": "/c",
    "GUICHET_SMTP_USERNAME": "contact",
    "GUICHET_SMTP_PASSWORD": "secret",
}
TOWN = load_town(EXAMPLE_TOWN)
DAY = date(2026, 11, 27)


def wrong(findings: list[Finding]) -> list[str]:
    return [each.said[0].fr for each in findings if each.state is State.WRONG]


def test_a_town_that_has_all_of_it_misses_nothing() -> None:
    texts = {"town.yaml": "# such as contact@mairie.example\nname: Villiers\n"}
    assert wrong([*seen(TOWN, SET | {"TOKEN": "t"}, ["TOKEN"], texts, DAY)]) == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"GUICHET_PORTAL_URL": "http://guichet.mairie.fr"}, "donnez une adresse https:// à GUICHET_PORTAL_URL."),
        ({"GUICHET_ONCALL_EMAIL": ""}, "donnez GUICHET_ONCALL_EMAIL ou GUICHET_ONCALL_WEBHOOK_URL."),
        ({"GUICHET_VAULT_COPY": ""}, "(docs/backup-and-restore.md) : GUICHET_VAULT_COPY."),
        ({"GUICHET_DESK_SECOND_FACTOR": "optional"}, "ôtez GUICHET_DESK_SECOND_FACTOR=optional."),
        ({"TOKEN": "", "GUICHET_SMTP_PASSWORD": ""}, "donnez une valeur à TOKEN, GUICHET_SMTP_PASSWORD."),
    ],
)
def test_what_is_missing_is_said_with_what_to_do(variables: dict[str, str], said: str) -> None:
    [found] = wrong([*seen(TOWN, {**SET, "TOKEN": "t", **variables}, ["TOKEN"], {}, DAY)])
    assert said in found


def test_what_the_example_invented_is_found() -> None:
    [found] = wrong([*seen(TOWN, SET, [], {"town.yaml": "dpo: dpo@mairie.example\n"}, DAY)])
    assert found == "remplacez ce qui vient de l’exemple : town.yaml (mairie.example)."


def test_a_court_that_is_to_be_confirmed_is_said() -> None:
    [found] = wrong([*seen(replace(TOWN, remedies=Remedies()), SET, [], {}, DAY)])
    assert found.startswith("dites dans town.yaml le tribunal administratif")


def test_whoever_only_looks_on_answers_no_department() -> None:
    looking_on = tuple(agent for agent in TOWN.agents if agent.agent_id not in ("agent-12", "agent-19"))
    assert any("voirie" in agent.departments for agent in looking_on)
    town = replace(TOWN, staff=replace(TOWN.staff, agents=looking_on))
    [found] = wrong([*seen(town, SET, [], {}, DAY)])
    assert found == "personne ne répondrait aux demandes de : Voirie et éclairage public (agents.yaml, profiles.yaml)."


def test_whoever_processes_data_for_the_town_has_a_contract() -> None:
    assert any("Twilio" in duty.what.fr and "Telegram" in duty.what.fr for duty in duties(TOWN))


def test_the_register_and_the_impact_assessment_are_among_what_is_asked() -> None:
    found = {each.what.fr for each in attested(TOWN, {}) if each.state is State.WRONG}
    assert {"Registre des traitements (RGPD, art. 30)", "Analyse d’impact (RGPD, art. 35)"} <= found
    done = {duty.name: Done(by="Jeanne Morel", day="2026-11-27") for duty in duties(TOWN)}  # type: ignore[arg-type]
    assert wrong([*attested(TOWN, done)]) == []


def guichet(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_what_was_done_is_kept_with_a_name_and_a_day(tmp_path: Path, answers: Path) -> None:
    town = str(tmp_path / "town")
    assert guichet("init", town, "--answers", str(answers)).exit_code == 0
    assert guichet("done", "register", "--by", "Jeanne Morel", "--on", "2026-11-02", "--town", town).exit_code == 0
    found = guichet("checklist", town)
    assert found.exit_code == 1
    assert "[ok] Registre des traitements (RGPD, art. 30)\n     Jeanne Morel, le 02/11/2026" in found.output
    assert "[NON] Analyse d’impact (RGPD, art. 35)" in found.output
    refused = guichet("done", "everything", "--by", "Jeanne Morel", "--town", town)
    assert (refused.exit_code, "n’est pas sur la liste ; s’y trouvent : register" in refused.output) == (1, True)


@pytest.mark.parametrize(
    ("missing", "french", "english"),
    [
        (1, "Il manque encore 1 chose.", "1 thing is missing."),
        (2, "Il manque encore 2 choses.", "2 things are missing."),
    ],
)
def test_how_many_are_missing_is_a_sentence(missing: int, french: str, english: str) -> None:
    assert missing_said(missing) == words(french, english)
