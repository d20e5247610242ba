"""Which tiles there are, and that no file outside one names a channel."""

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import citizen_sandbox
from citizen_sandbox.__main__ import add_packages
from citizen_sandbox.play.broken import broken_tile
from citizen_sandbox.play.discovery import find_tiles
from citizen_sandbox.play.tile import Sender, Words
from citizen_sandbox.play.webhook import proofs, provider
from citizen_sandbox.play.webhook.tile import webhook_tile
from citizen_sandbox.web.grid import Grid, grid_of
from guichet_testing.doors.sandbox import Town, running_sandbox
from guichet_testing.town.sandbox_client import SandboxClient

PACKAGE = Path(citizen_sandbox.__file__).parent
TILE = """
from citizen_sandbox.play.tile import Words
from citizen_sandbox.play.webhook.proofs import no_proof
from citizen_sandbox.play.webhook.provider import Answer, WebhookProvider
from citizen_sandbox.play.webhook.tile import webhook_tile

TILE = webhook_tile(
    WebhookProvider(
        key="kiosk", title=Words("Borne", "Kiosk"), icon="M1 1h2", address=lambda citizen: citizen.id,
        payload=lambda said: {"text": said.text}, sign=no_proof, api="/kiosk/messages",
        read=lambda body: Answer(body["to"], body["text"]),
    )
)
"""


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[Path]:
    """A folder of third parties' packages, of which `kiosk` offers a tile."""
    kiosk = tmp_path / "kiosk"
    (kiosk / "guichet_kiosk-1.dist-info").mkdir(parents=True)
    (kiosk / "guichet_kiosk-1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: guichet-kiosk\nVersion: 1\n"
    )
    offer(kiosk, "kiosk = guichet_kiosk:TILE")
    (kiosk / "guichet_kiosk.py").write_text(TILE)
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before
    sys.modules.pop("guichet_kiosk", None)
    importlib.invalidate_caches()


def offer(folder: Path, line: str) -> None:
    (folder / "guichet_kiosk-1.dist-info" / "entry_points.txt").write_text(f"[guichet.sandbox_tiles]\n{line}\n")


def test_a_third_party_s_tile_is_found_where_its_package_lies(packages: Path) -> None:
    assert "kiosk" not in {tile.key for tile in find_tiles()}
    add_packages(packages)
    assert "kiosk" in {tile.key for tile in find_tiles()}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [("pigeon = guichet_kiosk:TILE", "pigeon calls itself kiosk"), ("kiosk = guichet_kiosk:Words", "kiosk is no tile")],
)
def test_an_entry_point_that_is_wrong_is_named(packages: Path, line: str, complaint: str) -> None:
    offer(packages / "kiosk", line)
    add_packages(packages)
    with pytest.raises(ValueError, match=complaint):
        find_tiles()


@pytest.mark.parametrize("line", ["kiosk = guichet_kiosk:Nowhere", "kiosk = guichet_kiosk_gone:TILE"])
async def test_a_tile_that_does_not_load_says_why_and_the_others_play_on(packages: Path, line: str, town: Town) -> None:
    offer(packages / "kiosk", line)
    add_packages(packages)
    [broken] = [tile for tile in find_tiles(otherwise=broken_tile) if tile.key == "kiosk"]
    async with running_sandbox(town, broken) as running, SandboxClient(running.url) as citizens:
        page = await citizens.page("amina-benali")
        assert "Cette tuile ne s’ouvre pas" in page
        assert "/jouer/amina-benali/kiosk" not in page, "a form that cannot send"
        with pytest.raises(ValueError, match="ne s’ouvre pas"):
            await citizens.send_by("kiosk", "amina-benali", "Bonjour")


def test_a_town_without_third_parties_has_no_folder_of_theirs(tmp_path: Path) -> None:
    before = list(sys.path)
    add_packages(tmp_path / "nowhere")
    add_packages(None)
    assert sys.path == before


def test_no_file_outside_a_tile_names_a_channel() -> None:
    names = {name for tile in find_tiles() for name in (tile.key, *tile.channels)}
    said = re.compile(rf"(?<![A-Za-z])(?i:{'|'.join(sorted(names))})(?![a-z])")
    found = [f"{file.relative_to(PACKAGE)}: {word}" for file in outside() for word in spoken(file) if said.search(word)]
    assert found == []


def outside() -> list[Path]:
    return [file for file in PACKAGE.rglob("*") if file.suffix in {".py", ".html", ".js", ".css"}]


def spoken(file: Path) -> list[str]:
    """What a file says to the machine: every name and string but docstrings; the whole text of what is no Python."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        return [text]
    tree = ast.parse(text)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = [str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in prose]
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return [*strings, *names, *(node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute))]


def test_the_readme_s_example_is_a_tile() -> None:
    readme = (PACKAGE.parent / "README.md").read_text(encoding="utf-8")
    [example] = (block for block in re.findall(r"```python\n(.*?)```", readme, re.S) if "webhook_tile(" in block)
    room: dict[str, Any] = {**vars(proofs), **vars(provider), "Words": Words, "webhook_tile": webhook_tile}
    exec(example, room)
    assert (room["TILE"].key, set(room["TILE"].channels)) == ("pigeon", {"pigeon"})
    assert room["TILE"].variable("secret") == "GUICHET_PIGEON_SECRET"
    assert room["TILE"].variable("webhook_url") == "GUICHET_SANDBOX_PIGEON_WEBHOOK_URL"
    said = provider.Said(sender=Sender("loft-a"), text="x", message_id="1", at=datetime.now(UTC))
    assert room["payload"](said)["from"] == "loft-a"


@pytest.mark.parametrize(
    ("wide", "grid"),
    [
        ([False], Grid(1, 1, 0)),
        ([False, False, True], Grid(4, 1, 0)),
        ([False] * 3 + [True], Grid(3, 2, 1)),
        ([False] * 4 + [True], Grid(3, 2, 0)),
        ([False] * 5 + [True], Grid(4, 2, 1)),
        ([False] * 7 + [True], Grid(3, 3, 0)),
        ([False] * 8, Grid(4, 2, 0)),
    ],
)
def test_no_row_of_tiles_ends_in_a_hole(wide: list[bool], grid: Grid) -> None:
    assert grid_of(wide) == grid


async def test_the_api_says_which_tiles_there_are(citizens: SandboxClient) -> None:
    tiles = {tile["key"]: tile for tile in await citizens.tiles()}
    assert set(tiles) == {"mail", "telegram", "twilio"}
    assert set(tiles["twilio"]["channels"]) == {"sms", "whatsapp"}
    assert [key for key, tile in tiles.items() if tile["can_edit"]] == ["telegram"]
    assert all(tile["title"]["fr"] and tile["title"]["en"] and tile["icon"].startswith("M") for tile in tiles.values())


async def test_any_tile_is_written_with_by_its_key(citizens: SandboxClient) -> None:
    fields = {"to": "contact@mairie.example", "subject": "Bonjour"}
    [mail] = await citizens.send_by("mail", "amina-benali", "par son nom", fields=fields)
    [sms] = await citizens.send_by("twilio", address="+33639980199", text="d’ailleurs")
    assert (mail.channel, mail.subject, sms.channel, sms.address) == ("mail", "Bonjour", "sms", "+33639980199")
    with pytest.raises(ValueError, match="there are telegram, twilio, mail"):
        await citizens.send_by("pigeon", "amina-benali", "roucoule")
    with pytest.raises(ValueError, match="cannot be corrected"):
        await citizens.send_by("twilio", text="trop tard", edits=sms)
