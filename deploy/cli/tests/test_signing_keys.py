"""Keys of the doors: made, listed, ended; what an old one signed stays true."""

import base64
import shutil
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from guichet.contracts.topics import CASE_COMMANDS
from guichet.privacy.signing.public_keys import PublicKeyFolder, read_folder
from guichet.privacy.signing.records import Signer, Verifier
from guichet_cli.__main__ import app
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.third_party import FACTS


def signing_keys(folder: Path, *arguments: str) -> Any:
    return CliRunner().invoke(app, ["signing-keys", *arguments], env={"GUICHET_PUBLIC_KEYS": str(folder)})


def test_a_door_gets_a_new_key_and_what_the_old_one_signed_stays_true(tmp_path: Path) -> None:
    folder, seeds = tmp_path / "public-keys", [tmp_path / "first.seed", tmp_path / "second.seed"]
    for seed in seeds:
        made = signing_keys(folder, "new", "agent-desk", "--seed-file", str(seed))
        assert made.exit_code == 0, made.output
        assert seed.stat().st_mode & 0o777 == 0o600
    first, second = (Signer(base64.b64decode(seed.read_bytes())) for seed in seeds)
    assert signing_keys(folder, "end", first.key_id[:12]).exit_code == 0
    keys = read_folder(folder)
    assert {key_id: key.until is None for key_id, key in keys.items()} == {first.key_id: False, second.key_id: True}
    verifier = Verifier(PublicKeyFolder(folder))
    for signer in (first, second):
        assert verifier.verify(signer.sign("case-commands", b"case", b"{}"), CASE_COMMANDS).producer == "agent-desk"
    listed = signing_keys(folder, "list").output
    assert f"{second.key_id} agent-desk     signs" in listed
    assert f"{first.key_id} agent-desk     until" in listed


def test_no_key_is_made_for_who_signs_nothing_nor_over_another_seed(tmp_path: Path) -> None:
    assert signing_keys(tmp_path, "new", "citizen-portal", "--seed-file", str(tmp_path / "seed")).exit_code == 2
    (tmp_path / "seed").write_text("another's")
    assert signing_keys(tmp_path, "new", "agent-desk", "--seed-file", str(tmp_path / "seed")).exit_code != 0
    assert (tmp_path / "seed").read_text() == "another's"
    assert read_folder(tmp_path) == {}


def test_an_unknown_key_is_not_ended(tmp_path: Path) -> None:
    assert signing_keys(tmp_path, "end", "abc").exit_code != 0


def test_a_host_of_the_town_s_third_parties_gets_a_key_and_no_other_s_does(tmp_path: Path) -> None:
    town = tmp_path / "town"
    shutil.copytree(EXAMPLE_TOWN, town, ignore=shutil.ignore_patterns("tests"))
    (town / "channels").mkdir()
    (town / "channels" / "pigeon.yaml").write_text(FACTS)
    with (town / "channels.yaml").open("a") as channels:
        channels.write("  pigeon: { sve_status: saisine }\n")
    folder = tmp_path / "public-keys"
    made = signing_keys(folder, "new", "ingest-pigeon", "--seed-file", str(tmp_path / "seed"), "--town", str(town))
    assert made.exit_code == 0, made.output
    assert [key.producer for key in read_folder(folder).values()] == ["ingest-pigeon"]
    for other in ("ingest-kite", "ingest-social"):
        refused = signing_keys(folder, "new", other, "--seed-file", str(tmp_path / other), "--town", str(town))
        assert refused.exit_code == 2
