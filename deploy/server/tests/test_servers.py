"""What a server's own Kafka and MongoDB are told: more than a trial's, and nothing that grows without end."""

from pathlib import Path
from typing import Final

import pytest

from guichet_local.kafka.config import JVM_FLAGS, LOG4J, KafkaNode, server_flags
from guichet_local.kafka.installation import KafkaInstallation
from guichet_local.kafka.server import KafkaServer
from guichet_local.mongod.server import MongoServer
from guichet_server.render.everything import JOURNAL_LIMITS, KAFKA_HEAP
from guichet_server.render.other_units import server_units
from guichet_server.run.servers import HEAP_MIB, heap_mib
from guichet_server.users import KAFKA, MONGOD

NODE: Final = KafkaNode(1, 9092, 9093)


@pytest.mark.parametrize(("memory", "heap"), [(1024, 256), (4096, 512), (8192, 1024), (65_536, 1024)])
def test_kafka_s_heap_follows_the_machine_s_memory(memory: int, heap: int) -> None:
    assert heap_mib({}, memory) == heap


def test_a_town_s_own_word_wins() -> None:
    assert KAFKA_HEAP.endswith(HEAP_MIB)
    assert heap_mib({HEAP_MIB: "3000"}, 4096) == 3000


def test_a_server_s_broker_is_told_and_a_trial_s_is_not(tmp_path: Path) -> None:
    installed = KafkaInstallation(tmp_path, tmp_path / "java")
    (tmp_path / "java").touch()
    on_a_server = KafkaServer(tmp_path, NODE, installed, jvm_flags=server_flags(768)).command()
    assert {"-Xms768m", "-Xmx768m", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError"} <= {*on_a_server}
    assert not {"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"} & {*on_a_server}
    assert {*JVM_FLAGS} <= {*KafkaServer(tmp_path, NODE, installed).command()}


def test_what_they_say_goes_to_the_journal_which_is_bounded(tmp_path: Path) -> None:
    assert "SystemMaxUse=2G" in JOURNAL_LIMITS
    assert "MaxRetentionSec=30day" in JOURNAL_LIMITS
    appenders = {line.partition(" = ")[2] for line in LOG4J.splitlines() if line.endswith((".type = Console", "File"))}
    assert appenders == {"Console"}
    assert "appender" not in LOG4J.replace("appender.console", "").replace("appenderRef.console", "")
    words = MongoServer(tmp_path, 27017, tmp_path / "mongod").command()
    assert not {"--logpath", "--syslog", "--fork"} & {*words}
    for unit in server_units((KAFKA, MONGOD)):
        assert not [name for name, _ in unit.limits if name.startswith("Standard")], "systemd's own: the journal"
