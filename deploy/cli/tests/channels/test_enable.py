"""A package that is not part of Guichet is installed beside it and named in the town's files, and nothing of it runs."""

import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from guichet.town.load import load_town
from guichet.town.third_parties import hosts_of
from guichet_cli.__main__ import app
from guichet_cli.channels.differences import differences
from guichet_cli.channels.packages import _uv
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_testing.builders.third_party import FACTS, a_wheel

EMAIL = "name: email, title: { fr: Bague, en: Ring },"  # a mailbox, as a kind of address of a pigeon's


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(EXAMPLE_TOWN, tmp_path / "town", ignore=shutil.ignore_patterns("tests"))
    monkeypatch.setenv("GUICHET_TOWN", str(tmp_path / "town"))
    monkeypatch.setenv("GUICHET_CHANNEL_PACKAGES", str(tmp_path / ".local" / "channels"))
    return tmp_path / "town"


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    return tmp_path / ".local" / "channels"


def guichet(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [*map(str, words)])


def enabled(wheel: Path) -> str:
    done = guichet("channels", "enable", "pigeon", "--from", wheel)
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def refused(*words: str | Path) -> str:
    done = guichet("channels", *words)
    assert done.exit_code == 1
    return " ".join(done.output.split())


def test_a_package_is_installed_without_guichet_and_its_facts_are_the_town_s(
    town: Path, packages: Path, tmp_path: Path
) -> None:
    said = enabled(a_wheel(tmp_path))
    assert {each.name for each in (packages / "pigeon").iterdir() if each.is_dir()} >= {"town_pigeon"}
    assert not (packages / "pigeon" / "guichet").exists()
    assert (town / "channels" / "pigeon.yaml").read_text() == FACTS
    assert load_town(town).channels["pigeon"].package == "town-pigeon 1.0"
    assert hosts_of(town) == ("ingest-pigeon",)
    for words in ("GUICHET_PIGEON_…", "ingest-pigeon and sender-pigeon", "guichet prepare", "Restart", "pigeon-ring"):
        assert words in said


def test_what_is_left_to_do_is_said_of_the_local_stack_and_of_a_town_and_once(town: Path, tmp_path: Path) -> None:
    said = enabled(a_wheel(tmp_path))
    assert "on the local stack: `make stop`, then `make run`. It makes up the variables" in said
    assert said.index("local stack") < said.index("elsewhere") < said.index("GUICHET_PIGEON_…")
    again = enabled(a_wheel(tmp_path / "new", version="2.0"))
    assert "restart the services" in again
    assert "GUICHET_PIGEON_…" not in again


def test_nothing_but_channels_yaml_and_the_facts_is_changed_in_the_town(town: Path, tmp_path: Path) -> None:
    before = {each: each.read_bytes() for each in town.rglob("*") if each.is_file()}
    enabled(a_wheel(tmp_path))
    after = {each: each.read_bytes() for each in town.rglob("*") if each.is_file()}
    changed = {each.relative_to(town) for each in after if before.get(each) != after[each]}
    assert changed == {Path("channels.yaml"), Path("channels/pigeon.yaml")}


def test_a_new_version_replaces_package_facts_and_its_name(town: Path, packages: Path, tmp_path: Path) -> None:
    enabled(a_wheel(tmp_path / "old", code={"channel": "", "gone": ""}))
    longer = FACTS.replace("longest: 300", "longest: 900")
    enabled(a_wheel(tmp_path / "new", version="2.0", facts=longer))
    loaded = load_town(town)
    assert (loaded.channels["pigeon"].package, loaded.facts["pigeon"].longest) == ("town-pigeon 2.0", 900)
    assert not (packages / "pigeon" / "town_pigeon" / "gone.py").exists()
    assert [each.name for each in packages.iterdir()] == ["pigeon"]


def test_what_a_package_and_the_town_s_copy_say_otherwise_is_said(town: Path, packages: Path, tmp_path: Path) -> None:
    enabled(a_wheel(tmp_path))
    assert [*differences(town, packages)] == []
    facts = packages / "pigeon" / "town_pigeon" / "pigeon.yaml"
    facts.write_text(FACTS.replace("longest: 300", "longest: 900"))
    [differs] = differences(town, packages)
    listed = guichet("channels", "list")
    assert listed.exit_code == 1
    assert differs in listed.output
    assert "facts of town-pigeon 1.0 and the town's copy differ" in differs
    assert guichet("channels", "enable", "pigeon").exit_code == 0  # from where it lies
    assert [*differences(town, packages)] == []
    shutil.rmtree(packages / "pigeon")
    [missing] = differences(town, packages)
    assert "guichet channels enable pigeon --from" in missing


def test_every_channel_is_listed_with_who_brings_it(town: Path, tmp_path: Path) -> None:
    enabled(a_wheel(tmp_path))
    assert guichet("channels", "disable", "telegram").exit_code == 0
    listed = guichet("channels", "list")
    assert listed.exit_code == 0, listed.output
    found = {line.split()[0]: line.split(maxsplit=3)[1:] for line in listed.output.splitlines()}
    assert found["pigeon"] == ["on", "pigeon", "town-pigeon 1.0"]
    assert found["telegram"] == ["off", "telegram", "Guichet"]
    assert found["sms"] == ["on", "twilio", "Guichet"]


def test_one_channel_is_checked_by_a_process_of_its_own(town: Path, tmp_path: Path) -> None:
    """Here its package ends whoever imports it: the command tells, and goes on to its end."""
    enabled(a_wheel(tmp_path))
    assert "channel pigeon: " in refused("check", "pigeon")
    assert "guichet channels list" in refused("check", "kite")


def test_a_channel_that_is_switched_off_keeps_its_words(town: Path, packages: Path, tmp_path: Path) -> None:
    before = (town / "channels.yaml").read_text()
    enabled(a_wheel(tmp_path))
    assert guichet("channels", "disable", "pigeon").exit_code == 0
    assert (town / "channels.yaml").read_text() == before
    assert load_town(town).facts["pigeon"].title.fr == "Pigeon voyageur"
    assert hosts_of(town) == ()
    assert (packages / "pigeon").exists()


def test_a_channel_of_guichet_s_own_is_a_line_and_no_package(town: Path) -> None:
    assert guichet("channels", "disable", "telegram").exit_code == 0
    assert "telegram" not in load_town(town).channels
    assert guichet("channels", "enable", "telegram").exit_code == 0
    assert load_town(town).channels["telegram"].package is None
    assert "Guichet's own" in refused("enable", "telegram", "--from", "town-telegram")


@pytest.mark.parametrize(
    ("said", "otherwise", "reason"),
    [
        ("provider: pigeon", "provider: telegram", "account of Guichet's own"),
        ("provider: pigeon", "provider: root", "provider root: "),
        ("provider: pigeon", "provider: pigeon.post", "has a dot"),
        ("provider: pigeon", "provider: mail-gathered", "where receipts of mail wait"),
        ("topic: inbound-third-party", "topic: inbound-email", "must come in on inbound-third-party (topic)"),
        ("topic: inbound-third-party", "topic: inbound-social", "not on inbound-social"),
        ("provider: pigeon", "provider: pigeon\nvariables: [GUICHET_DOVE_]", "it may not say others"),
        ("vouched_by: provider", "vouched_by: mail-authentication", "judged by nobody that the town knows"),
        ("answered_on: pigeon", "answered_on: sms", "which another account carries"),
        ("answered_on: pigeon", "answered_on: pigeon\nreached_by: sms", "which another account carries"),
        ("name: pigeon-ring", "name: telegram", "with another pattern"),
        ('name: pigeon-ring, title: { fr: Bague, en: Ring }, pattern: "FR-[0-9]{4}",', EMAIL, "vouches for a mailbox"),
        ("name: pigeon\n", "name: raven\n", "raven"),
        ("longest: 300", "long: 300", "long"),
    ],
)
def test_what_a_third_party_may_not_say_is_refused_and_nothing_is_left(
    town: Path, packages: Path, tmp_path: Path, said: str, otherwise: str, reason: str
) -> None:
    before = (town / "channels.yaml").read_text()
    wheel = a_wheel(tmp_path, facts=FACTS.replace(said, otherwise, 1))
    assert reason in refused("enable", "pigeon", "--from", wheel)
    assert (town / "channels.yaml").read_text() == before
    assert not (town / "channels" / "pigeon.yaml").exists()
    assert [*packages.iterdir()] == []


def test_a_package_without_the_channel_is_refused_and_what_it_brings_is_said(town: Path, tmp_path: Path) -> None:
    assert "there is: pigeon" in refused("enable", "kite", "--from", a_wheel(tmp_path))


def test_a_wheel_that_is_not_there_is_refused_in_words(town: Path, tmp_path: Path) -> None:
    for missing in (tmp_path / "nowhere.whl", Path("dist") / "no_channel-1.0-py3-none-any.whl", tmp_path / "nowhere"):
        assert f"{missing.resolve()} is not there" in refused("enable", "pigeon", "--from", missing)
    (tmp_path / "odd.whl").write_bytes(b"no wheel")
    assert "cannot be installed" in refused("enable", "pigeon", "--from", tmp_path / "odd.whl")
    assert "--from" in refused("enable", "pigeon")


def test_uv_sync_removes_what_the_lock_does_not_name_and_leaves_a_channel_s_package(
    town: Path, packages: Path, tmp_path: Path
) -> None:
    """The same package in the environment itself shows that it would be gone."""
    project, uv = packages.parents[1], _uv()
    (project / "pyproject.toml").write_text('[project]\nname = "town"\nversion = "1"\nrequires-python = ">=3.11"\n')
    wheel = a_wheel(tmp_path / "wheels")

    def run(*words: str | Path) -> None:
        command = [uv, *map(str, words), "--quiet", "--offline", "--project", str(project)]
        subprocess.run(command, check=True, cwd=project, capture_output=True)

    run("sync")
    python = project / ".venv" / "bin" / "python"
    run("pip", "install", "--no-deps", "--python", python, wheel)
    in_the_environment = next(project.glob(".venv/lib/*/site-packages")) / "town_pigeon"
    assert in_the_environment.exists()
    enabled(wheel)
    run("sync", "--frozen")
    assert not in_the_environment.exists()
    assert [*differences(town, packages)] == []
    assert load_town(town).facts["pigeon"].provider == "pigeon"
