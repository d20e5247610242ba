"""An operator looks at the staff and changes it; what is refused is said, and everything is in the audit trail."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from guichet.ids import AgentId
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.rights import MongoAgentRights
from guichet.store.audit.trail import Act, MongoAuditTrail
from guichet_cli.console.command import operator
from guichet_cli.staff.command import app
from guichet_cli.town.findings import State
from guichet_cli.town.staff_changed import staff_changed
from guichet_testing.builders.case import a_case
from guichet_testing.builders.example_town import EXAMPLE_TOWN

pytestmark = pytest.mark.real


def said(*words: str, typed: str = "", status: int = 0) -> str:
    done = CliRunner().invoke(app, [*words], input=typed)
    assert done.exit_code == status, done.output
    return done.output


def test_a_thing_is_shown_changed_and_given_back(settings: MongoSettings) -> None:
    shown = said("show", "agent", "agent-12")
    assert "sign_in: karim.haddad" in shown
    assert "enregistré" in said("set", "agent", "-", typed=shown.replace("- voirie", "- espaces-verts"))
    assert "agent           agent-12                 modifié   Karim Haddad" in said("list")
    [right] = asyncio.run(MongoAgentRights(connect(settings)).of([AgentId("agent-12")]))[AgentId("agent-12")]
    assert [grant.departments for grant in right.grants or ()] == [("espaces-verts",)]
    assert "rendu aux fichiers" in said("give-back", "agent", "agent-12")
    assert said("show", "agent", "agent-12") == shown
    entries = asyncio.run(MongoAuditTrail(connect(settings)).about("agent-12"))
    assert {(entry.act, entry.agent) for entry in entries} == {
        (Act.STAFF_CHANGED, operator()),
        (Act.STAFF_GIVEN_BACK, operator()),
    }


def test_a_profile_comes_and_goes(settings: MongoSettings, tmp_path: Path) -> None:
    file = tmp_path / "lecteur.yaml"
    file.write_text("label: Lecteur\ngrants:\n  - { departments: all, acts: [read] }\n")
    said("set", "profile", str(file), "--key", "lecteur")
    assert "lecteur" in said("list")
    assert "retiré" in said("remove", "profile", "lecteur")
    assert "lecteur" not in said("list")
    assert "encore utilisé par « agent-22" in said("remove", "profile", "cabinet", status=1)
    said("set", "agent", "-", typed=said("show", "agent", "agent-22").replace("profile: cabinet", "profile: contact"))
    said("remove", "profile", "cabinet")
    assert "retiré" in said("list")
    said("give-back", "profile", "cabinet")


def test_what_is_wrong_is_said(settings: MongoSettings, tmp_path: Path) -> None:
    shown = said("show", "agent", "agent-12")
    assert "le service « nulle-part » n’existe pas." in said(
        "set", "agent", "-", typed=shown.replace("- voirie", "- nulle-part"), status=1
    )
    assert "encore utilisé par « agent-1" in said("remove", "profile", "agent", status=1)
    assert "name : il manque quelque chose" in said("set", "agent", "-", typed="{ agent_id: x, sign_in: x }", status=1)
    assert "illisible" in said("set", "agent", str(tmp_path / "missing.yaml"), status=1)
    assert "inconnu" in said("show", "unit", "nothing", status=1)
    assert "--key" in said("set", "unit", "-", typed="{ label: X, departments: [voirie] }", status=1)
    assert "rien n’a été modifié" in said("give-back", "agent", "agent-12", status=1)


def test_what_an_agent_sees_and_why(settings: MongoSettings) -> None:
    case = a_case("hole", department="voirie", sector="voirie-espace-public", reference="2026-AAAA-BBB")

    async def file() -> None:
        await connect(settings)["cases"].insert_one(case.model_dump(by_alias=True))

    asyncio.run(file())
    assert said("why", "karim.haddad", "2026-AAAA-BBB").strip() == (
        "Karim Haddad voit cette demande en entier : profil Agent, ses services (Voirie et éclairage public)."
    )
    assert said("why", "agent-17", "2026-aaaa-bbb").strip() == (
        "Fatou Diallo ne la voit pas : aucun de ses profils ne montre le service Voirie et éclairage public."
    )
    assert "aucune demande" in said("why", "agent-17", "2026-ZZZZ-ZZZ")
    [_, entry] = asyncio.run(MongoAuditTrail(connect(settings)).about("agent-17"))
    assert (entry.act, entry.things) == (Act.EXPLAINED, ("agent-17", case.case_id))


def test_a_towns_check_says_what_differs_from_the_files(settings: MongoSettings) -> None:
    environment = {
        "GUICHET_MONGODB_URI": settings.mongodb_uri.get_secret_value(),
        "GUICHET_MONGODB_DATABASE": settings.mongodb_database,
    }
    assert asyncio.run(staff_changed(EXAMPLE_TOWN, {})) == []
    assert asyncio.run(staff_changed(EXAMPLE_TOWN, environment)) == []
    said("set", "agent", "-", typed=said("show", "agent", "agent-12").replace("- voirie", "- espaces-verts"))
    [found] = asyncio.run(staff_changed(EXAMPLE_TOWN, environment))
    assert found.state is State.TO_SEE
    assert found.said[1].fr == "agent agent-12 : departments: -voirie +espaces-verts"
    away = {"GUICHET_MONGODB_URI": "mongodb://127.0.0.1:9/"}
    [unread] = asyncio.run(staff_changed(EXAMPLE_TOWN, away))
    assert "ne répond pas" in unread.said[0].fr
