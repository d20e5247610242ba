from collections.abc import Iterator
from pathlib import Path

import pytest

from guichet_local.kafka.config import KafkaNode
from guichet_local.kafka.installation import KafkaInstallation
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine.ports import free_ports


@pytest.fixture
def own_broker(kafka_installation: KafkaInstallation, tmp_path: Path) -> Iterator[KafkaServer]:
    """A broker of this test's own, to be started, stopped and killed by it; not running yet."""
    server = KafkaServer(tmp_path / "kafka", KafkaNode(1, *free_ports(2)), kafka_installation)
    yield server
    server.kill()
