"""The users of the system that a server runs Guichet as: one for each process, and groups for what several may open.

Pure. Nobody signs in as any of them, and only root becomes one.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from guichet_server.layout import OPERATOR_HOME, PREFIX
from guichet_topology.commands import OPERATOR
from guichet_topology.services import Service

KEYS: Final = f"{PREFIX}-keys"  # may read the root-key file
OBJECTS: Final = f"{PREFIX}-objects"  # may use the folder of citizens' files
SEARCH: Final = f"{PREFIX}-search"  # may read the search files
SEARCHES: Final = "search-indexer"  # owns the search files
OPERATOR_USER: Final = OPERATOR
ROTATES: Final = "gdpr-worker"  # owns the root-key file, since it replaces it, and the backups that go with it
KAFKA, MONGOD = "kafka", "mongod"
_GROUP_OF: Final = {"GUICHET_ROOT_KEY_FILE": KEYS, "GUICHET_OBJECTS_URL": OBJECTS, "GUICHET_SEARCH_FILES": SEARCH}


def user_of(process: str) -> str:
    """Return as whom a process runs; its own group bears the same name."""
    return f"{PREFIX}-{process}"


def groups_of(service: Service) -> tuple[str, ...]:
    """Return the groups of a service beside its own, by the variables that it may know.

    A third party's process has none: who may write to the folder of files may delete every citizen's.
    """
    if service.is_third_party:
        return ()
    return tuple(group for variable, group in _GROUP_OF.items() if service.may_know(variable))


def sysusers(services: Iterable[Service], servers: Iterable[str]) -> str:
    """Render sysusers.d (systemd's sysusers.d(5))."""
    return "".join(f"{line}\n" for line in _lines([*services], [*servers]))


def _lines(services: list[Service], servers: list[str]) -> Iterator[str]:
    yield "# Written by `guichet-server apply`. Whom Guichet runs as; what each may is in its unit."
    yield f"g {KEYS} -"
    yield f"g {OBJECTS} -"
    yield f"g {SEARCH} -"
    yield f'u {OPERATOR_USER} - "Guichet operator" {OPERATOR_HOME} /usr/sbin/nologin'
    yield f"m {OPERATOR_USER} {KEYS}"
    yield f"m {OPERATOR_USER} {OBJECTS}"
    for name in (*servers, *(each.name for each in services)):
        yield f'u {user_of(name)} - "Guichet {name}" / /usr/sbin/nologin'
    for service in services:
        for group in groups_of(service):
            yield f"m {user_of(service.name)} {group}"
