"""The unit of each service, from the table of services. Pure."""

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from guichet_server.layout import PYTHON, socket_folder, unit_name
from guichet_server.render.unit import Unit
from guichet_server.users import OBJECTS, SEARCHES, groups_of
from guichet_topology.environment import FOR_PYTHON
from guichet_topology.services import Service
from guichet_topology.variables import MAIL_OUT

NOTIFIER: Final = "notifier"
PYTHON_VARIABLES: Final = (*(f"{name}={value}" for name, value in FOR_PYTHON.items()), "PYTHONUNBUFFERED=1")
# Of who rotates keys; it writes the file anew, so that it needs the folder.
_FOLDERS_OF_FILES: Final = ("GUICHET_ROOT_KEY_FILE", "GUICHET_ROOT_KEY_COPY")
_ROTATES: Final = "GUICHET_ROOT_KEY_COPY"
_FOLDERS: Final = ("GUICHET_VAULT_BACKUPS", "GUICHET_VAULT_COPY", "GUICHET_NOTIFIER_JOURNAL")
_SEARCH_FILES: Final = "GUICHET_SEARCH_FILES"
_OBJECTS_URL: Final = "GUICHET_OBJECTS_URL"
_SERVERS: Final = ("GUICHET_KAFKA_BOOTSTRAP_SERVERS", "GUICHET_MONGODB_URI", "GUICHET_VAULT_MONGODB_URI")
_IDENTITY_PROVIDER: Final = "GUICHET_DESK_OIDC_ISSUER"
_HERE: Final = ("127.0.0.1", "localhost", "[::1]")
WAITED_FOR: Final = (("CPUWeight", "300"),)  # three times the usual: what a click needs goes before what may wait
MISTRUSTED: Final = (("RestartSec", "10s"), ("MemoryMax", "512M"), ("CPUQuota", "50%"), ("TasksMax", "64"))


def service_unit(service: Service, environment: Mapping[str, str], servers: Iterable[str]) -> Unit:
    """Return a service's unit. environment: what its process is given. servers: that run on this machine."""
    return Unit(
        process=service.name,
        description=service.name,
        command=f"{PYTHON} -P -m {service.package}",
        shares=(OBJECTS in groups_of(service) and _OBJECTS_URL not in service.only_reads) or service.name == SEARCHES,
        writes=writes_of(service, environment),
        reaches=reaches_out(service, environment),
        sets_limits=service.topic is not None or service.name == "agent-desk",  # reads mail, scans in limited processes
        environment=PYTHON_VARIABLES,
        after=tuple(unit_name(each) for each in servers),
        limits=MISTRUSTED if service.is_third_party else WAITED_FOR if service.is_door else (),
    )


def writes_of(service: Service, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the folders that a service writes to."""
    found = []
    if service.lane is not None:
        found.append(socket_folder(service.name))
    folder = objects_folder(environment.get(_OBJECTS_URL, ""))
    if folder and _OBJECTS_URL not in service.only_reads:
        found.append(folder)
    if service.may_know(_ROTATES):
        files = (environment[name] for name in _FOLDERS_OF_FILES if name in environment)
        found += [str(PurePosixPath(file).parent) for file in files]
    if service.name == SEARCHES:
        found.append(environment[_SEARCH_FILES])
    found += [environment[name] for name in _FOLDERS if name in environment]
    return tuple(found)


def objects_folder(url: str) -> str | None:
    """Return the folder of citizens' files; None where they lie in a bucket."""
    place = urlsplit(url)
    return unquote(place.path) if place.scheme == "file" else None


def reaches_out(service: Service, environment: Mapping[str, str]) -> bool:
    """Say whether a service talks to other machines: a provider, a relay, a server or a bucket of the town's.

    The desk does where agents sign in by an identity provider: its unit opens the network with that setting alone.
    """
    if _IDENTITY_PROVIDER in environment:
        return True
    if service.lane is not None or service.told or service.is_third_party or {*MAIL_OUT} & environment.keys():
        return True
    return keeps_elsewhere(environment)


def keeps_elsewhere(environment: Mapping[str, str]) -> bool:
    """Say whether broker, store or files are on other machines, as far as a process is told of them."""
    if environment.get(_OBJECTS_URL, "file:").partition(":")[0] != "file":
        return True
    return any(_is_elsewhere(environment[name]) for name in _SERVERS if name in environment)


def _is_elsewhere(address: str) -> bool:
    hosts = urlsplit(address).netloc.rpartition("@")[2] if "//" in address else address
    return not all(each.startswith(_HERE) for each in hosts.split(","))
