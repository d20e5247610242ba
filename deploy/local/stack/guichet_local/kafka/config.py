"""What Apache Kafka is told. Pure: values in, text out. The reasons: docs/decisions/0004."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guichet_local.kafka.security import KafkaSecurity, security_properties
from guichet_local.machine.ports import HOST


@dataclass(frozen=True)
class KafkaNode:
    """One broker-and-controller of a cluster on this machine."""

    node_id: int
    port: int
    controller_port: int


# Of a trial and of Kafka's tools: small, and quick to start.
JVM_FLAGS: Final = (
    "-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss512k",
    "-XX:ReservedCodeCacheSize=48m", "-XX:MaxMetaspaceSize=160m",
    "--sun-misc-unsafe-memory-access=allow",  # else Java 25 prints four warnings
)  # fmt: skip

# Of a server: both compilers, and the collector with the pauses that Kafka's own start script asks for. A broker whose
# heap is full ends, and systemd starts it again: one that goes on without memory answers nobody.
SERVER_FLAGS: Final = (
    "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent", "-XX:+ExitOnOutOfMemoryError",
    "--sun-misc-unsafe-memory-access=allow",
)  # fmt: skip


def server_flags(heap_mib: int) -> tuple[str, ...]:
    """Return what Java is told of a broker that has the machine for years: all of its heap from the beginning."""
    return (f"-Xms{heap_mib}m", f"-Xmx{heap_mib}m", *SERVER_FLAGS)


LOG4J: Final = """\
rootLogger.level = WARN
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSS} %p %c{1}: %m%n
logger.started.name = kafka.server.KafkaRaftServer
logger.started.level = INFO
# Who was refused what, and from where: the trace of whoever tries.
logger.refused.name = kafka.authorizer.logger
logger.refused.level = INFO
"""


def server_properties(
    node: KafkaNode,
    cluster: Sequence[KafkaNode],
    folder: Path,
    extra: Mapping[str, str] | None = None,
    *,
    security: KafkaSecurity | None = None,
) -> str:
    """Render `server.properties` of one node. `cluster` holds every node, this one too (one or three).

    extra: settings that win over ours. security: None for a broker that anybody may use, which only tests have.
    """
    clients = "PLAINTEXT" if security is None else "CLIENTS"
    copies, in_sync = (3, 2) if len(cluster) == 3 else (1, 1)
    voters = ",".join(f"{each.node_id}@{HOST}:{each.controller_port}" for each in cluster)
    settings = {
        "process.roles": "broker,controller",
        "node.id": node.node_id,
        "controller.quorum.voters": voters,
        "listeners": f"{clients}://{HOST}:{node.port},CONTROLLER://{HOST}:{node.controller_port}",
        "advertised.listeners": f"{clients}://{HOST}:{node.port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": folder / "data",
        # A topic comes from the registry (`guichet topics create`), never from a typing error.
        "auto.create.topics.enable": "false",
        "unclean.leader.election.enable": "false",
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": copies,
        "offsets.topic.num.partitions": 4,
        # By default a group that is down for a week is forgotten; it would then repeat its whole topic.
        "offsets.retention.minutes": 60 * 24 * 365,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "transaction.state.log.num.partitions": 2,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
        "group.initial.rebalance.delay.ms": 0,
        "num.network.threads": 2,
        "num.io.threads": 2,
        "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
        # After kill -9 the broker is back in 3 s instead of 12; production keeps Kafka's defaults.
        "broker.session.timeout.ms": 2000,
        "broker.heartbeat.interval.ms": 500,
    }
    if len(cluster) > 1:
        settings |= {"controller.quorum.election.timeout.ms": 1000, "controller.quorum.fetch.timeout.ms": 2000}
        # A broker that is back leads its partitions again after seconds, not five minutes: until then it has no work.
        settings["leader.imbalance.check.interval.seconds"] = 5
    if security is not None:
        settings |= security_properties(security)
    return "".join(f"{name}={value}\n" for name, value in (settings | dict(extra or {})).items())
