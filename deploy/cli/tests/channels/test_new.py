"""What `guichet channels new` writes is a channel already; the example that ships is what it writes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from guichet.town.channel_facts import read_facts
from guichet_cli.channels.command import app
from guichet_cli.channels.scaffold.names import Names
from guichet_cli.channels.scaffold.proofs import ProofName
from guichet_cli.channels.scaffold.run import put_in_form
from guichet_cli.channels.scaffold.write import TO_TYPE, Wish, to_type, write_package

ROOT = Path(__file__).parents[4]
EXAMPLE = ROOT / "shared" / "channels" / "app_webhook"
A_LONG_NAME = "pigeons-of-the-town-of-exemple"


def files_of(folder: Path) -> dict[Path, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and not {"__pycache__"} & {*path.parts}]
    return {path.relative_to(folder): path.read_text() for path in files}


def test_the_example_that_ships_is_what_the_scaffold_writes(tmp_path: Path) -> None:
    """To be written anew: `guichet channels new app-webhook --both-ways --of-guichet --into …`, without ruff.toml."""
    wish = Wish(Names("app-webhook"), ProofName.STANDARD_WEBHOOKS, both_ways=True, of_guichet=True)
    write_package(wish, tmp_path / "app_webhook")
    put_in_form(tmp_path / "app_webhook")
    written = files_of(tmp_path / "app_webhook")
    del written[Path("ruff.toml")]  # inside Guichet its own rules hold
    assert files_of(EXAMPLE) == written


@pytest.mark.parametrize(("of_guichet", "topic"), [(False, "inbound-third-party"), (True, "inbound-social")])
def test_a_package_apart_has_another_topic_than_what_is_part_of_guichet(
    of_guichet: bool, topic: str, tmp_path: Path
) -> None:
    write_package(Wish(Names("pigeon"), ProofName.HMAC, both_ways=True, of_guichet=of_guichet), tmp_path)
    assert read_facts(tmp_path / "guichet_pigeon" / "pigeon.yaml").topic == topic
    assert f"| `{topic}` |" in (tmp_path / "README.md").read_text()


@pytest.mark.parametrize("name", ["pigeon", A_LONG_NAME])
@pytest.mark.parametrize("both_ways", [True, False])
@pytest.mark.parametrize("proof", ProofName)
def test_every_wish_is_written_in_form(proof: ProofName, both_ways: bool, name: str, tmp_path: Path) -> None:
    write_package(Wish(Names(name), proof, both_ways), tmp_path)
    put_in_form(tmp_path)
    for what in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *what, "--no-cache", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    assert "{{" not in "".join(files_of(tmp_path).values())


@pytest.mark.parametrize(
    "wish", [("token", "--both-ways"), ("hmac",), ("none", "--both-ways")], ids=lambda wish: wish[0]
)
def test_what_is_written_passes_before_anything_is_typed(wish: tuple[str, ...], tmp_path: Path) -> None:
    proof, *ways = wish
    command = [sys.executable, "-m", "guichet_cli", "channels", "new", "pigeon", "--proof", proof, *ways]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed in " in done.stdout
    assert ("Nobody vouches" in done.stdout) == (proof == "none")
    assert not (tmp_path / "pigeon" / ".hypothesis").exists()
    for place in to_type(tmp_path / "pigeon"):
        assert f"{place.file.relative_to(tmp_path / 'pigeon')}:{place.line}" in done.stdout


def test_what_is_left_to_type_is_marked_in_the_files(tmp_path: Path) -> None:
    write_package(Wish(Names("pigeon"), ProofName.HMAC, both_ways=True), tmp_path)
    marked = {path for path, text in files_of(tmp_path).items() if TO_TYPE in text}
    assert {place.file.relative_to(tmp_path) for place in to_type(tmp_path)} == marked
    assert {path.name for path in marked} == {
        "pigeon.yaml", "incoming.py", "parse.py", "send.py", "tile.py", "test_pigeon.py"
    }  # fmt: skip


@pytest.mark.parametrize("name", ["Pigeon", "p", "7pigeons", "pigeon post", "pigeon_post", "p" * 40, "../pigeon"])
def test_what_is_no_name_is_said_in_a_sentence(name: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["new", name, "--into", str(tmp_path / "new")])
    assert done.exit_code == 1
    assert f"{name!r} is no name of a channel" in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [("sms", "Guichet's own"), ("kafka", "would be among its variables"), ("twilio", "those of"), ("pi.geon", "a dot")],
)
def test_a_name_that_enable_would_refuse_is_refused_before_anything_is_typed(
    name: str, why: str, tmp_path: Path
) -> None:
    done = CliRunner().invoke(app, ["new", name, "--into", str(tmp_path / "new")])
    assert done.exit_code == 1
    assert name in done.stderr
    assert why in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(shutil.which("git") is None, reason="without git there is nothing to begin")
def test_a_package_apart_begins_a_repository_and_one_in_a_repository_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guichet_cli.channels.new.can_run", lambda: False)
    done = CliRunner().invoke(app, ["new", "pigeon", "--into", str(tmp_path / "pigeon")])
    assert "a git repository of which nothing is committed yet" in done.stdout
    assert (tmp_path / "pigeon" / ".git").is_dir()
    inside = tmp_path / "pigeon" / "dove"
    done = CliRunner().invoke(app, ["new", "dove", "--into", str(inside)])
    assert f"{inside} is written.\n" in done.stdout
    assert not (inside / ".git").exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    done = CliRunner().invoke(app, ["new", "pigeon", "--into", str(tmp_path)])
    assert done.exit_code == 1
    assert "is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_where_the_suite_is_not_installed_it_says_how_to_run_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guichet_cli.channels.new.can_run", lambda: False)
    done = CliRunner().invoke(app, ["new", "pigeon", "--into", str(tmp_path / "pigeon")])
    assert done.exit_code == 0
    assert f"cd {tmp_path / 'pigeon'} && pytest tests" in done.stdout


def test_a_package_that_breaks_a_promise_fails_the_run(tmp_path: Path) -> None:
    write_package(Wish(Names("pigeon"), ProofName.TOKEN, both_ways=False), tmp_path / "pigeon")
    facts = tmp_path / "pigeon" / "guichet_pigeon" / "pigeon.yaml"
    facts.write_text(facts.read_text().replace("is_conversation: true", "is_conversation: false"))
    code = "import sys; from pathlib import Path; from guichet_cli.channels.scaffold.run import run_tests;"
    done = subprocess.run(
        [sys.executable, "-c", f"{code} sys.exit(not run_tests(Path('pigeon').resolve()))"],
        cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    assert done.returncode == 1
    sentence = "`is_conversation` is false, and messages name a `conversation`: say true, or each opens a new case"
    assert f"- pigeon: {sentence}" in done.stdout.splitlines()
