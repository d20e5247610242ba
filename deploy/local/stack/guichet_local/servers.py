"""The servers under the services: our own, unless a setting names the user's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from guichet_local.kafka import KafkaServer
from guichet_local.kafka_aot import make_aot_cache
from guichet_local.kafka_config import KafkaNode
from guichet_local.kafka_installation import Say, install_kafka
from guichet_local.mongod import MongoServer
from guichet_local.mongod_binary import find_mongod
from guichet_local.port_plan import PortPlan

KAFKA, MONGODB = "kafka", "mongodb"


class Server(Protocol):
    """A server that the supervisor runs for us."""

    def command(self) -> list[str]:
        """What starts it."""
        ...

    def prepare(self) -> None:
        """Make its folder ready, before the start."""
        ...

    def is_ready(self) -> bool:
        """True when it serves."""
        ...


def own_servers(folder: Path, cache: Path, ports: PortPlan, settings: Mapping[str, str], say: Say) -> dict[str, Server]:
    """The servers that we must run ourselves, by name. Fetches Kafka the first time.

    Raises NoNetworkError, UnsupportedMachineError, MissingLibraryError.
    """
    servers: dict[str, Server] = {}
    if "GUICHET_MONGODB_URI" not in settings:
        servers[MONGODB] = MongoServer(folder / MONGODB, ports["mongodb"], find_mongod())
    if "GUICHET_KAFKA_BOOTSTRAP_SERVERS" not in settings:
        installation = install_kafka(cache, say)
        make_aot_cache(installation, say)
        node = KafkaNode(1, ports["kafka"], ports["kafka-controller"])
        servers[KAFKA] = KafkaServer(folder / KAFKA, node, installation)
    return servers


def unused_ports(settings: Mapping[str, str]) -> set[str]:
    """The ports that nobody of ours takes, because the user has servers of their own."""
    unused = {"mongodb"} if "GUICHET_MONGODB_URI" in settings else set()
    return unused | ({"kafka", "kafka-controller"} if "GUICHET_KAFKA_BOOTSTRAP_SERVERS" in settings else set())
