"""`guichet-server containers`: write what deploy/compose.yaml mounts and hands on. For root; twice is as once."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from guichet.town.own_accounts import every_own_account
from guichet_server.apply.public_keys import lay_for_everybody
from guichet_server.apply.write import write_files
from guichet_server.installation import Installation
from guichet_server.layout import OBJECTS, PLACES, ROOT_KEY
from guichet_server.render.containers import (
    ADMINISTRATION,
    ENVIRONMENTS,
    IN_CONTAINERS,
    USER,
    container_environments,
    container_services,
    environment_text,
)
from guichet_server.render.everything import File
from guichet_topology.env_file import write_env

# What compose.yaml mounts to be written, whether a setting names it or not: what docker made would be root's. Those of
# the second disk are made by `guichet-server second-disk` alone.
_FOLDERS: Final = (ADMINISTRATION, OBJECTS, PLACES.search_files, ROOT_KEY, PLACES.vault_backups, PLACES.backups)
_OF_NOBODY: Final = "# This town has no account of this sender's.\n"


def containers(here: Installation, root: Path = Path("/")) -> list[str]:
    """Write it; return sentences for whoever ran it. Raises SettingsError, OSError."""
    environments = container_environments(here.town.accounts, here.settings, here.secrets)
    files = {f"{ENVIRONMENTS}/{name}.env": environment_text(each) for name, each in environments.items()}
    files |= {path: _OF_NOBODY for path in _all_environments() if path not in files}
    files[IN_CONTAINERS.users_file] = write_env(here.secrets)
    changed = write_files({path: File(text, secret=True) for path, text in files.items()}, root)
    lay_for_everybody(here, root)
    for folder in _FOLDERS:
        _give(root / folder[1:])
    os.chown(root / IN_CONTAINERS.users_file[1:], USER, USER)
    return [
        f"{len(changed)} files written in {ENVIRONMENTS}.",
        f"For guichet-deployment, yours: {IN_CONTAINERS.kafka_admin_properties}, {IN_CONTAINERS.mongodb_admin_uri}.",
        f"To take it up: docker compose -f deploy/compose.yaml{_profiles(here)} up -d",
    ]


def _all_environments() -> Iterator[str]:
    """Yield the files that compose.yaml names, which is of every account: compose refuses all where one is missing."""
    yield from (f"{ENVIRONMENTS}/{each.name}.env" for each in container_services(every_own_account()))


def _profiles(here: Installation) -> str:
    """The senders that this town has, as compose is told of them."""
    lanes = (each.lane for each in container_services(here.town.accounts))
    return "".join(f" --profile {lane}" for lane in lanes if lane is not None)


def _give(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    os.chown(folder, USER, USER)
