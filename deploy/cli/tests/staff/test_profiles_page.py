"""Every command of docs/profiles-and-sign-in.md, as it stands there, with the files that the page shows."""

import asyncio
import re
from pathlib import Path
from textwrap import dedent

import pytest
from typer.testing import CliRunner

from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet_cli.__main__ import app
from guichet_testing.builders.case import a_case
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from tests.install_server.commands import commands_of

PAGE = (Path(__file__).parents[4] / "docs" / "profiles-and-sign-in.md").read_text()
FILES = ("lecteur.yaml", "redaction.yaml", "responsable.yaml", "lea.yaml", "mapping.yaml")  # in the page's order
pytestmark = pytest.mark.real


def test_is_typed_as_it_stands(settings: MongoSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = re.findall(r"^ *```yaml\n(.*?)^ *```$", PAGE, re.DOTALL | re.MULTILINE)
    for name, said in zip(FILES, shown, strict=True):
        Path(name).write_text(dedent(said))
    Path("roads.yaml").write_text("label: Direction de la voirie\ndepartments: [voirie]\n")
    case = a_case("hole", department="voirie", sector="voirie-espace-public", reference="2026-7F3K-29Q")

    async def file() -> None:
        await connect(settings)["cases"].insert_one(case.model_dump(by_alias=True))

    asyncio.run(file())
    said = {}
    for command in commands_of(PAGE):
        program, *words = command.line.split()
        assert program == "guichet"
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, (command.line, done.output)
        said[command.line] = done.output
    assert "lecteur" in said["guichet staff list"]
    assert "One-time password:" in said["guichet agents add lea.martin"]
    assert "en entier" in said["guichet staff why karim.haddad 2026-7F3K-29Q"]


def test_the_page_names_who_is_there() -> None:
    agents = (EXAMPLE_TOWN / "agents.yaml").read_text()
    for name in re.findall(r"^\| `([a-z.]+)` \|", PAGE, re.MULTILINE):
        assert f"sign_in: {name}" in agents
    assert "administers: true" in (EXAMPLE_TOWN / "profiles.yaml").read_text()
