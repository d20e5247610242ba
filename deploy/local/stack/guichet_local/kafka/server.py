"""One Apache Kafka broker (KRaft) on this machine."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from guichet_local.kafka.config import JVM_FLAGS, KafkaNode, server_properties
from guichet_local.kafka.data_folder import format_data_folder
from guichet_local.kafka.installation import KafkaInstallation
from guichet_local.kafka.probe import broker_answers
from guichet_local.kafka.random_id import new_id
from guichet_local.kafka.security import KafkaSecurity
from guichet_local.machine.ports import HOST
from guichet_local.machine.private_file import write_private
from guichet_local.machine.process import ServerProcess, wait_until
from guichet_local.machine.wait_for_room import after_room


class KafkaServer:
    """A broker with its data in `folder`; start again on the same folder and the topics are there.

    For a cluster give every node the same `cluster` and `cluster_id`; alone it needs neither.
    properties: of `server.properties`, in place of ours or beside them. security: None lets anybody do anything.
    jvm_flags: what its Java is told; a trial's are small.
    """

    def __init__(
        self,
        folder: Path,
        node: KafkaNode,
        installation: KafkaInstallation,
        *,
        cluster: Sequence[KafkaNode] | None = None,
        cluster_id: str | None = None,
        properties: Mapping[str, str] | None = None,
        security: KafkaSecurity | None = None,
        jvm_flags: tuple[str, ...] = JVM_FLAGS,
    ) -> None:
        self.node = node
        self.bootstrap_servers = f"{HOST}:{node.port}"
        self._folder = folder
        self._installation = installation
        self._cluster = cluster or [node]
        self._cluster_id = cluster_id or new_id()
        self._extra = dict(properties or {})
        self._security = security
        self._jvm_flags = jvm_flags
        self.process = ServerProcess("Kafka", self.command(), folder / "kafka.log")

    def command(self) -> list[str]:
        """What starts the broker, once `prepare` has run."""
        broker = self._installation.command("kafka.Kafka", str(self._properties), jvm_flags=self._jvm_flags)
        return [*after_room(self._folder), *broker]

    @property
    def patience_s(self) -> int:
        """The nodes of a cluster stop together, and without a majority none of them ends by itself."""
        return 20 if len(self._cluster) == 1 else 3

    def prepare(self) -> None:
        """Write the configuration, and format the data folder the first time. Raises StartFailedError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        properties = server_properties(self.node, self._cluster, self._folder, self._extra, security=self._security)
        write_private(self._properties, properties)  # it holds the administrator's password
        format_data_folder(
            self._folder / "data", self.node.node_id, self._cluster_id, self._properties, self._installation
        )

    def start(self) -> None:
        """Start the broker and return when it answers. Raises StartFailedError."""
        self.prepare()
        self.process.start()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Return when the broker answers and takes part in its cluster."""
        wait_until(self.is_ready, "Kafka answers", check=self.process.raise_if_ended)

    def is_ready(self) -> bool:
        """True when the broker answers."""
        return broker_answers(self.node.port, self._security)

    def stop(self) -> None:
        """Stop it in order. The data stays."""
        self.process.stop()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()

    @property
    def _properties(self) -> Path:
        return self._folder / "server.properties"
