"""`guichet clocks REFERENCE`: of a case of the town's, the same answer as of one that is written down."""

import json

import pytest
from typer.testing import CliRunner, Result

from guichet.contracts.legal_facts import StatedFact
from guichet_cli.__main__ import app
from guichet_cli.clocks import command
from guichet_testing.builders.case import ARRIVED, a_case
from guichet_testing.builders.clocked_town import TERRACE, clocked_town
from guichet_testing.twins.store.cases.store import InMemoryCaseStore

REFERENCE = "2026-CLOC-001"


@pytest.fixture
async def store(monkeypatch: pytest.MonkeyPatch) -> InMemoryCaseStore:
    store = InMemoryCaseStore()

    async def stored(reference: str) -> object:
        return await command.facts_of_case(store, reference, clocked_town())

    monkeypatch.setattr(command, "_stored", stored)
    told = StatedFact.model_validate({"event": "procedure-confirmed", "at": ARRIVED, "procedure": TERRACE})
    await store.insert_new([a_case(reference=REFERENCE, facts=(told,))])
    return store


def clocks(*words: str) -> Result:
    return CliRunner().invoke(app, ["clocks", *words])


def test_it_is_told_as_of_a_day(store: InMemoryCaseStore) -> None:
    told = clocks(REFERENCE.lower(), "--on", "2026-12-09")
    assert told.exit_code == 0, told.output
    said = told.stdout.replace("\u00a0", " ")
    assert "Accusé de réception (ARE) : en retard" in said
    assert "Silence : en cours, vaut rejet, à compter du 24 novembre 2026, échéance le 24 janvier 2027" in said


def test_it_is_told_to_a_program(store: InMemoryCaseStore) -> None:
    found = json.loads(clocks(REFERENCE, "--on", "2026-12-09", "--json").stdout)
    (silence,) = [each for each in found["clocks"] if each["kind"] == "silence"]
    assert (silence["means"], silence["due"]) == ("rejects", "2027-01-24")


def test_a_case_that_is_not_there_is_named(store: InMemoryCaseStore) -> None:
    told = clocks("2026-NONE-001")
    assert (told.exit_code, "Aucune demande 2026-NONE-001" in told.output) == (1, True)


@pytest.mark.parametrize("words", [(), (REFERENCE, "--history", "x")])
def test_one_of_both_is_asked_about(store: InMemoryCaseStore, words: tuple[str, ...]) -> None:
    assert clocks(*words).exit_code == 2
