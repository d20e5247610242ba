"""The servers under the services: our own, unless a setting names the user's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from guichet_local.kafka.aot_cache import make_aot_cache
from guichet_local.kafka.config import KafkaNode
from guichet_local.kafka.installation import KafkaInstallation, install_kafka
from guichet_local.kafka.random_id import new_id
from guichet_local.kafka.security import KafkaSecurity
from guichet_local.kafka.server import KafkaServer
from guichet_local.kafka.sign_in import broker_security
from guichet_local.machine.report import Report
from guichet_local.mongod.binary import age_of, find_mongod
from guichet_local.mongod.server import MongoServer
from guichet_local.mongod.sign_in import mongod_access
from guichet_local.plan.ports import KAFKA, PortPlan, kafka_names, mongodb_names


@dataclass(frozen=True)
class ServerOptions:
    """What our own servers are told beyond the usual: words for mongod's command line, properties for Kafka.

    mongod_tls: mongod speaks TLS alone, under a certificate of the stack's own authority.
    """

    mongod: tuple[str, ...] = ()
    mongod_tls: bool = False
    kafka: Mapping[str, str] = field(default_factory=dict)


class Server(Protocol):
    """A server that the supervisor runs for us. patience_s: how long it may take to stop in order."""

    @property
    def patience_s(self) -> int: ...

    def command(self) -> list[str]:
        """What starts it."""

    def prepare(self) -> None:
        """Make its folder ready, before the start."""

    def is_ready(self) -> bool:
        """True when it serves."""


def own_servers(
    folder: Path,
    cache: Path,
    ports: PortPlan,
    settings: Mapping[str, str],
    say: Report,
    options: ServerOptions = ServerOptions(),
    *,
    values: Mapping[str, str],
) -> dict[str, Server]:
    """The servers that we must run ourselves, by name. Fetches Kafka the first time. values: of the stack.

    Raises NoNetworkError, UnsupportedMachineError, MissingLibraryError.
    """
    servers: dict[str, Server] = {}
    if "GUICHET_MONGODB_URI" not in settings:
        access, binary = mongod_access(folder, values), find_mongod()
        members = {name: ports[name] for name in mongodb_names(ports)}
        servers |= {
            name: MongoServer(folder / name, port, binary, options.mongod, access=access, members=[*members.values()])
            for name, port in members.items()
        }
        if old := age_of(binary):
            say(old)
    if "GUICHET_KAFKA_BOOTSTRAP_SERVERS" not in settings:
        installation = install_kafka(cache, say)
        make_aot_cache(installation, say)
        servers |= _brokers(folder, ports, installation, options, broker_security(folder, values))
    return servers


def _brokers(
    folder: Path, ports: PortPlan, installation: KafkaInstallation, options: ServerOptions, security: KafkaSecurity
) -> dict[str, Server]:
    names = kafka_names(ports)
    cluster = [KafkaNode(nth, ports[name], ports[f"{name}-controller"]) for nth, name in enumerate(names, 1)]
    cluster_id = _cluster_id(folder / KAFKA / "cluster.id") if len(cluster) > 1 else None
    return {
        name: KafkaServer(
            folder / name,
            node,
            installation,
            cluster=cluster,
            cluster_id=cluster_id,
            properties=options.kafka,
            security=security,
        )
        for name, node in zip(names, cluster, strict=True)
    }


def _cluster_id(file: Path) -> str:
    """The id that every node is formatted with: a start that was cut off between two nodes goes on with the same."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(new_id())
    return file.read_text()


def unused_ports(settings: Mapping[str, str]) -> set[str]:
    """The ports that nobody of ours takes, because the user has servers of their own."""
    unused = {"mongodb"} if "GUICHET_MONGODB_URI" in settings else set()
    return unused | ({"kafka", "kafka-controller"} if "GUICHET_KAFKA_BOOTSTRAP_SERVERS" in settings else set())
