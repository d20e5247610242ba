"""The folders of a server, and whose each is, for systemd-tmpfiles (tmpfiles.d(5)). Pure."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from urllib.parse import quote

from guichet_server.layout import (
    CONFIGURATION,
    DATA,
    KAFKA_DATA,
    MONGODB_DATA,
    NOTIFIER_SOCKETS,
    OPERATOR_HOME,
    PLACES,
    ROOT_KEY,
    SECRETS,
    SOCKETS,
    socket_folder,
)
from guichet_server.render.service_units import NOTIFIER, objects_folder
from guichet_server.users import KAFKA, KEYS, MONGOD, OBJECTS, OPERATOR_USER, ROTATES, SEARCH, SEARCHES, user_of
from guichet_topology.services import Service

_AT_BOOT_TOO = "d"  # made where it is missing; owner and mode are set right each time


def tmpfiles(services: Iterable[Service], servers: Iterable[str], values: dict[str, str]) -> str:
    """Render it."""
    lines = ["# Written by `guichet-server apply`. Type, path, mode, user, group."]
    lines += [
        f"{_AT_BOOT_TOO} {path} {mode} {user} {group} -" for path, mode, user, group in _folders([*servers], values)
    ]
    lines += _sockets(services)
    return "".join(f"{line}\n" for line in lines)


def _folders(servers: list[str], values: dict[str, str]) -> Iterator[tuple[str, str, str, str]]:
    rotates = user_of(ROTATES)
    yield CONFIGURATION, "0755", "root", "root"
    yield SECRETS, "0700", "root", "root"
    yield PLACES.public_keys, "0755", "root", "root"
    yield DATA, "0755", "root", "root"
    yield PLACES.channel_packages, "0755", "root", "root"
    yield OPERATOR_HOME, "0700", OPERATOR_USER, OPERATOR_USER
    yield ROOT_KEY, "2750", rotates, KEYS  # setgid: who may read the file is its group
    if folder := objects_folder(values["GUICHET_OBJECTS_URL"]):
        yield folder, "2770", "root", OBJECTS
    yield values["GUICHET_SEARCH_FILES"], "2750", user_of(SEARCHES), SEARCH  # whose files its group may read
    if KAFKA in servers:
        yield KAFKA_DATA, "0700", user_of(KAFKA), user_of(KAFKA)
    if MONGOD in servers:
        yield MONGODB_DATA, "0700", user_of(MONGOD), user_of(MONGOD)
    yield str(PurePosixPath(PLACES.backups).parent), "0755", "root", "root"
    yield values["GUICHET_BACKUPS"], "0700", rotates, rotates
    yield values["GUICHET_VAULT_BACKUPS"], "0700", rotates, rotates


def _sockets(services: Iterable[Service]) -> Iterator[str]:
    """Each sender listens in a folder of its own, which the notifier's group may enter; the notifier finds links."""
    yield f"d {SOCKETS} 0755 root root -"
    yield f"d {NOTIFIER_SOCKETS} 0755 root root -"
    for each in services:
        if each.lane is not None:
            folder = socket_folder(each.name)
            yield f"d {folder} 2750 {user_of(each.name)} {user_of(NOTIFIER)} -"
            yield f"L+ {NOTIFIER_SOCKETS}/{quote(each.lane)}.sock - - - - {folder}/{each.lane}.sock"
