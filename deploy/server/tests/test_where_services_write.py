"""A service writes to the same folders by its unit and by its container: both follow from its row."""

from typing import Any, Final

import pytest
import yaml

from guichet.town.own_accounts import every_own_account
from guichet_server.layout import environment_file, unit_name
from guichet_server.render.everything import UNITS, Town, files_of
from guichet_server.render.write_compose import COMPOSE
from guichet_testing.server_files import SETTINGS
from guichet_topology.deployment import town_services
from guichet_topology.env_file import read_env
from guichet_topology.secrets import makers_for

ACCOUNTS: Final = every_own_account()
SECRETS: Final = {name: f"secret-of-{name}" for name in makers_for(ACCOUNTS)}
WRITTEN: Final = {
    "GUICHET_OBJECTS_URL": "file:///srv/x/objects",
    "GUICHET_BACKUPS": "/srv/x/data",
    "GUICHET_VAULT_BACKUPS": "/srv/x/vault",
    "GUICHET_VAULT_COPY": "/srv/x/vault-copy",
    "GUICHET_NOTIFIER_JOURNAL": "/srv/x/journal",
    "GUICHET_SEARCH_FILES": "/srv/x/search",
    "GUICHET_ROOT_KEY_FILE": "/srv/x/root-key/root.key",
    "GUICHET_ROOT_KEY_COPY": "/srv/x/root-key-copy/root.key",
}
AS_CONTAINERS_HAVE_IT: Final = {
    "GUICHET_VAULT_COPY": "/srv/guichet/vault-copy",
    "GUICHET_NOTIFIER_JOURNAL": "/srv/guichet/sending-journal",
    "GUICHET_ROOT_KEY_COPY": "/srv/guichet/root-key/root.key",
}
SOCKETS: Final = "/run/guichet/"  # a folder for each sender on a server, a volume that they share in containers
Files = dict[str, str]


def server(settings: dict[str, str]) -> Files:
    files = files_of(Town(ACCOUNTS, ()), SETTINGS | settings, SECRETS)
    return {path: file.text for path, file in files.items()}


def written_by(files: Files, process: str) -> set[str]:
    lines = files[f"{UNITS}/{unit_name(process)}"].splitlines()
    said = [line.removeprefix("ReadWritePaths=") for line in lines if line.startswith("ReadWritePaths=")]
    return {path.removeprefix("-") for line in said for path in line.split() if SOCKETS not in path}


def written_in_container(service: str) -> set[str]:
    container: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"][service]
    mounts = [each for each in container.get("volumes", ()) if each.startswith("/")]
    return {each.split(":")[0] for each in mounts if not each.endswith(":ro")}


@pytest.mark.parametrize("name", [each.name for each in town_services(ACCOUNTS)])
def test_a_unit_and_a_container_of_a_service_write_to_the_same_folders(name: str) -> None:
    assert written_by(server(AS_CONTAINERS_HAVE_IT), name) == written_in_container(name)


@pytest.mark.parametrize("variable", WRITTEN)
def test_who_is_told_of_a_folder_to_write_to_may_write_there(variable: str) -> None:
    files = server(WRITTEN)
    processes = ["backup", *(each.name for each in town_services(ACCOUNTS))]
    told = [name for name in processes if variable in read_env(files[environment_file(name)], file=name)]
    folder = WRITTEN[variable].removeprefix("file://").removesuffix("/root.key")
    if variable == "GUICHET_ROOT_KEY_FILE":
        told = ["gdpr-worker"]  # who rotates; others read it
    if variable == "GUICHET_SEARCH_FILES":
        told.remove("agent-desk")  # which searches there
    if variable == "GUICHET_OBJECTS_URL":
        told = [name for name in told if name not in {"backup", "notifier"}]  # which copies from there, or encloses
    assert told
    assert [name for name in told if folder not in written_by(files, name)] == []


def test_the_notifier_reads_citizens_files_and_writes_none() -> None:
    assert "/srv/x/objects" not in written_by(server(WRITTEN), "notifier")
    container = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]["notifier"]
    assert "/var/lib/guichet/objects:/var/lib/guichet/objects:ro" in container["volumes"]
