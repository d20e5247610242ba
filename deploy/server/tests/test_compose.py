"""The containers: rendered from the table, each denied what its row does not name, and taken by docker-compose."""

import asyncio
import base64
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from shutil import which
from typing import Any, Final

import pytest
import yaml
from fastapi import FastAPI, Response

from guichet.errors import SettingsError
from guichet.town.own_accounts import OwnAccount, every_own_account
from guichet.town.third_parties import ThirdParty
from guichet_server.apply.containers import containers
from guichet_server.apply.second_disk import second_disk
from guichet_server.installation import Installation
from guichet_server.layout import PLACES, ROOT_KEY
from guichet_server.render.containers import (
    ADMINISTRATION,
    COMMANDS,
    USER,
    container_environments,
    container_services,
    environment_text,
)
from guichet_server.render.everything import Town
from guichet_server.render.write_compose import COMPOSE, rendered
from guichet_server.run import container_health
from guichet_testing.real.pages import address_of, served
from guichet_testing.real.plugin import do_without
from guichet_topology.commands import store_user_of, variables_of
from guichet_topology.secrets import makers_for
from guichet_topology.services import Service

ROOT: Final = COMPOSE.parents[1]
ACCOUNTS: Final = every_own_account()
SERVICES: Final = container_services(ACCOUNTS)
SECRETS: Final = {name: f"secret-of-{name}" for name in makers_for(ACCOUNTS)}
SETTINGS: Final = {
    "GUICHET_KAFKA_BOOTSTRAP_SERVERS": "kafka.mairie.example:9093",
    "GUICHET_KAFKA_SECURITY": "sasl_ssl",
    "MONGODB_ADDRESS": "mongodb.mairie.example:27017",
    "GUICHET_SMTP_PASSWORD": 'p$a"ss # word',
}
ENVIRONMENTS: Final = container_environments(ACCOUNTS, SETTINGS, SECRETS)
HADOLINT: Final = Path(sys.executable).with_name("hadolint")
UNPACKED: Final = ROOT / ".local" / "compose" / "usr"
MAY_WRITE: Final = {
    "/var/lib/guichet/objects": "GUICHET_OBJECTS_URL",
    "/var/lib/guichet/search": "GUICHET_SEARCH_FILES",
    "/var/lib/guichet/root-key": "GUICHET_ROOT_KEY_FILE",
    "/var/backups/guichet/vault": "GUICHET_VAULT_BACKUPS",
    "/var/backups/guichet/data": "GUICHET_BACKUPS",
    "/srv/guichet/vault-copy": "GUICHET_VAULT_COPY",
    "/srv/guichet/root-key": "GUICHET_ROOT_KEY_COPY",
    "/srv/guichet/sending-journal": "GUICHET_NOTIFIER_JOURNAL",
    "/run/guichet/senders": "GUICHET_SENDER_SOCKETS",
}


def binds(container: dict[str, Any]) -> dict[str, str]:
    """Return each folder of the machine that is mounted, and how: ro or rw."""
    said = (f"{each}:rw".split(":")[:3] for each in container.get("volumes", ()) if each.startswith("/"))
    return {path: mode for path, _, mode in said}


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text("utf-8")))


def test_the_file_is_what_the_table_renders() -> None:
    assert COMPOSE.read_text("utf-8") == rendered(), "write it anew: make compose"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_container_is_nobody_and_writes_where_its_row_says(service: Service) -> None:
    container = compose()["services"][service.name]
    assert container["user"] == f"{USER}:{USER}"
    assert (container["read_only"], container["cap_drop"]) == (True, ["ALL"])
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in container
    for path, mode in binds(container).items():
        if mode == "rw":
            assert service.may_know(MAY_WRITE[path]), f"{service.name} may not know what {path} is for"
    assert service.name == "gdpr-worker" or binds(container).get(ROOT_KEY, "ro") == "ro"
    assert service.name == "search-indexer" or binds(container).get(PLACES.search_files, "ro") == "ro"
    assert all(each.startswith("127.0.0.1:") for each in container.get("ports", ())), "the proxy alone reaches a door"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_container_is_told_what_the_table_says_and_nothing_else(service: Service) -> None:
    told = ENVIRONMENTS[service.name]
    assert not [name for name in told if not service.may_know(name) and name not in {*service.ports, *service.fixed}]
    in_itself = {name for name, value in told.items() if "127.0.0.1" in value or "localhost" in value}
    assert not in_itself, "in a container 127.0.0.1 is itself"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_s_container_has_one_right_in_the_store(name: str) -> None:
    assert store_user_of(COMMANDS[name]) == name
    assert f"mongodb://{name}:" in ENVIRONMENTS[name]["GUICHET_MONGODB_URI"]
    acts_as_administrator = "GUICHET_KAFKA_ADMIN_PROPERTIES" in ENVIRONMENTS[name]
    mounted = binds(compose()["services"][name])
    assert (ADMINISTRATION in mounted) == acts_as_administrator
    told = variables_of(COMMANDS[name])
    assert {path for path in mounted if path in MAY_WRITE} <= {path for path, of in MAY_WRITE.items() if of in told}
    assert (ROOT_KEY in mounted) == ("GUICHET_ROOT_KEY_FILE" in told)


@pytest.mark.usefixtures("nobody_s_files")
def test_every_folder_that_is_mounted_is_made(tmp_path: Path) -> None:
    containers(installation(ACCOUNTS), tmp_path)
    second_disk(tmp_path, on_this_disk=True)
    found = {path for container in compose()["services"].values() for path in binds(container)}
    assert {path for path in found if not (tmp_path / path[1:]).is_dir()} == {PLACES.town}, "which the town writes"


def test_who_is_in_front_is_believed_and_the_console_finds_every_service() -> None:
    assert ENVIRONMENTS["citizen-portal"]["GUICHET_TRUSTED_PROXIES"] == "172.30.77.1"
    targets = ENVIRONMENTS["ops-console"]["GUICHET_OPS_TARGETS"]
    assert {each.split("=http://")[1].split(":")[0] for each in targets.split(",")} == {
        each.name for each in SERVICES if each.name != "ops-console"
    }


def test_the_console_which_has_no_sign_in_is_told_that_the_machine_alone_reaches_it() -> None:
    assert ENVIRONMENTS["ops-console"]["GUICHET_OPS_PUBLISHED"] == "loopback"
    assert compose()["services"]["ops-console"]["ports"] == ["127.0.0.1:8002:8002"]


def test_no_word_of_a_health_check_has_a_space() -> None:
    checks = [each["healthcheck"]["test"] for each in compose()["services"].values() if "healthcheck" in each]
    assert len(checks) == len(SERVICES)
    assert not [word for check in checks for word in check if " " in word]


@pytest.mark.parametrize(("answer", "status"), [(200, 0), (503, 1)])
async def test_a_health_check_asks_the_service_itself(answer: int, status: int) -> None:
    web = FastAPI()
    web.get("/health/ready")(lambda: Response(status_code=answer))
    async with served(web) as server:
        port = address_of(server).rpartition(":")[2]
        assert await asyncio.to_thread(container_health.main, [port]) == status
    assert await asyncio.to_thread(container_health.main, [port]) == 1, "nobody is there"


@pytest.mark.parametrize("left_out", ["GUICHET_KAFKA_BOOTSTRAP_SERVERS", "MONGODB_ADDRESS"])
def test_a_town_without_servers_of_its_own_is_told_so(left_out: str) -> None:
    settings = {name: value for name, value in SETTINGS.items() if name != left_out}
    with pytest.raises(SettingsError, match=f"{left_out} is not set: name your"):
        container_environments(ACCOUNTS, settings, SECRETS)


def test_a_channel_of_another_package_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="ingest-pigeon: a channel of another package"):
        container_services([*ACCOUNTS, ThirdParty("pigeon", ("pigeon",), takes_in=True, sends=True)])


def test_what_two_readers_would_take_in_two_ways_is_refused() -> None:
    with pytest.raises(SettingsError, match="GUICHET_X holds a quote"):
        environment_text({"GUICHET_X": "it's"})


def test_no_sender_starts_that_is_not_asked_for() -> None:
    blocks = compose()["services"]
    senders = [each for each in SERVICES if each.lane is not None]
    assert {each.name: blocks[each.name].get("profiles") for each in senders} == {
        each.name: [each.lane] for each in senders
    }


@pytest.mark.usefixtures("nobody_s_files")
def test_a_town_is_told_how_its_senders_start_and_a_demonstration_has_none(tmp_path: Path) -> None:
    started = containers(installation(ACCOUNTS), tmp_path)[-1]
    assert "--profile mail --profile telegram --profile twilio up -d" in started
    demonstration = tuple(replace(each, sends=False) for each in ACCOUNTS)
    assert "--profile" not in containers(installation(demonstration), tmp_path)[-1]


@pytest.mark.usefixtures("nobody_s_files")
def test_compose_finds_a_file_for_each_container_though_the_town_has_not_its_account(tmp_path: Path) -> None:
    containers(installation(tuple(replace(each, sends=False) for each in ACCOUNTS)), tmp_path)
    files = {each.name: each.read_text() for each in (tmp_path / "etc/guichet/containers").glob("*.env")}
    assert files.keys() == {f"{name}.env" for name in compose()["services"]}
    assert "=" not in "".join(text for name, text in files.items() if name.startswith("sender-"))


def docker_compose() -> list[str]:
    if found := which("docker-compose"):
        return [found]
    if not (UNPACKED / "bin" / "docker-compose").exists():
        do_without("no docker-compose: deploy/bootstrap.sh compose")
    return ["/usr/bin/python3", str(UNPACKED / "bin" / "docker-compose")]


def test_docker_compose_takes_the_file_and_what_each_is_told(tmp_path: Path) -> None:
    for name in (*(each.name for each in SERVICES), *COMMANDS):
        (tmp_path / f"{name}.env").write_text(environment_text(ENVIRONMENTS[name]))
    profiles = [f"--profile={each.lane}" for each in SERVICES if each.lane is not None]
    environment = {**os.environ, "GUICHET_CONTAINERS": str(tmp_path)}
    environment["PYTHONPATH"] = str(UNPACKED / "lib" / "python3" / "dist-packages")
    command = [*docker_compose(), "-f", str(COMPOSE), *profiles, "--profile=command", "config"]
    taken = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    assert (taken.returncode, taken.stderr) == (0, "")
    for name, container in yaml.safe_load(taken.stdout)["services"].items():
        told = {key: str(value).replace("$$", "$") for key, value in container["environment"].items()}
        assert told == ENVIRONMENTS[name], name


def test_hadolint_has_nothing_to_say_of_the_image() -> None:
    linted = subprocess.run([HADOLINT, "deploy/service.Dockerfile"], cwd=ROOT, check=False, capture_output=True)
    assert (linted.returncode, linted.stdout + linted.stderr) == (0, b"")


@pytest.fixture
def nobody_s_files(monkeypatch: pytest.MonkeyPatch) -> dict[Path, tuple[int, int]]:
    """Return whom each folder would be given to: only root may."""
    given: dict[Path, tuple[int, int]] = {}
    monkeypatch.setattr(os, "chown", lambda path, uid, gid: given.update({path: (uid, gid)}))
    return given


def installation(accounts: tuple[OwnAccount, ...], settings: dict[str, str] = SETTINGS) -> Installation:
    seeds = {name: base64.b64encode(bytes(32)).decode() for name in SECRETS}
    return Installation(Town(accounts, ()), settings, seeds)


def test_what_containers_are_handed_is_written_for_root_and_their_folders_are_theirs(
    tmp_path: Path, nobody_s_files: dict[Path, tuple[int, int]]
) -> None:
    here = installation(ACCOUNTS)
    containers(here, tmp_path)
    files = {each.name for each in (tmp_path / "etc/guichet/containers").glob("*.env")}
    assert files == {f"{name}.env" for name in (*(each.name for each in SERVICES), *COMMANDS)}
    assert all(each.stat().st_mode & 0o777 == 0o600 for each in (tmp_path / "etc/guichet/containers").glob("*.env"))
    assert {uid for uid, _ in nobody_s_files.values()} == {USER}
    assert not (tmp_path / "srv").exists(), "the second disk may not be mounted yet"
    assert containers(here, tmp_path)[0].startswith("0 files written"), "twice is as once"
