"""What of a deployment's values each process of a server gets. Pure."""

from collections.abc import Mapping
from typing import Final

from guichet_server.layout import socket_folder
from guichet_server.users import KAFKA, MONGOD
from guichet_topology.deployment import BROKERS
from guichet_topology.environment import Environment, service_environment
from guichet_topology.services import Service
from guichet_topology.sign_in import STORE_ADDRESS, STORE_URI

SETTINGS_OF_OURS: Final = "GUICHET_SERVER_"  # for who renders; no process is given them


def own_servers(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Return which of Kafka and MongoDB the server runs itself: those that no setting names."""
    kafka = () if BROKERS in settings else (KAFKA,)
    return kafka + (() if {STORE_URI, STORE_ADDRESS} & settings.keys() else (MONGOD,))


def process_environment(
    service: Service, values: Mapping[str, str], ports: Mapping[str, int], *, notifier_uid: int | None
) -> Environment:
    """Return the variables of a service's process. notifier_uid: None where it is not known yet (a rendering)."""
    own = service_environment(service, values, {name: ports[name] for name in service.ports.values()})
    if service.lane is None:
        return own
    told = {} if notifier_uid is None else {"GUICHET_NOTIFIER_UID": str(notifier_uid)}
    return own | {"GUICHET_SENDER_SOCKETS": socket_folder(service.name)} | told
