"""What of a deployment's values each process of a server gets. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from guichet_server.layout import socket_folder
from guichet_server.users import KAFKA, MONGOD
from guichet_topology.deployment import BROKERS
from guichet_topology.environment import Environment, service_environment
from guichet_topology.services import Service
from guichet_topology.sign_in import STORE_ADDRESS, STORE_URI

SETTINGS_OF_OURS: Final = "GUICHET_SERVER_"  # for who renders; no process is given them


LMTP_PORT: Final = "GUICHET_LMTP_PORT"


@dataclass(frozen=True)
class Numbers:
    """Users of the machine that processes are told of, by number, once these are made. notifier: whose letters senders
    take. hands_over: who hands mail in by LMTP."""

    notifier: int
    hands_over: Collection[int]


def own_servers(settings: Mapping[str, str]) -> tuple[str, ...]:
    """Return which of Kafka and MongoDB the server runs itself: those that no setting names."""
    kafka = () if BROKERS in settings else (KAFKA,)
    return kafka + (() if {STORE_URI, STORE_ADDRESS} & settings.keys() else (MONGOD,))


def process_environment(
    service: Service, values: Mapping[str, str], ports: Mapping[str, int], *, numbers: Numbers | None
) -> Environment:
    """Return the variables of a service's process. numbers: None where they are not known yet (a rendering)."""
    own = service_environment(service, values, {name: ports[name] for name in service.ports.values()})
    if numbers is not None and LMTP_PORT in service.ports:
        own.setdefault("GUICHET_LMTP_LOCAL_USERS", ",".join(map(str, sorted(numbers.hands_over))))
    if service.lane is None:
        return own
    told = {} if numbers is None else {"GUICHET_NOTIFIER_UID": str(numbers.notifier)}
    return own | {"GUICHET_SENDER_SOCKETS": socket_folder(service.name)} | told
