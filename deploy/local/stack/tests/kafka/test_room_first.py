"""A server is not started on a full disk: Kafka would take what it cannot index there for corrupt, and delete it."""

import os
from pathlib import Path

import pytest

from guichet_local.kafka.config import KafkaNode
from guichet_local.kafka.installation import KafkaInstallation
from guichet_local.kafka.server import KafkaServer
from guichet_local.machine import wait_for_room as room_first
from guichet_local.mongod.server import MongoServer


def test_a_command_waits_for_room_says_so_once_and_is_then_all_that_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    free, become = [0, 0, room_first.LEAST_FREE_BYTES], []
    monkeypatch.setattr(room_first, "LOOKS_EVERY_S", 0.0)
    monkeypatch.setattr(room_first, "has_room", lambda _folder: free.pop(0) >= room_first.LEAST_FREE_BYTES)
    monkeypatch.setattr(os, "execvp", lambda file, words: become.append((file, words)))
    room_first.main(tmp_path, ["java", "kafka.Kafka"])
    assert become == [("java", ["java", "kafka.Kafka"])]
    assert free == []
    assert capfd.readouterr().err.count("No room on the disk") == 1


def test_a_folder_that_is_to_be_made_has_its_parents_room(tmp_path: Path) -> None:
    assert room_first.has_room(tmp_path / "kafka" / "data", least=1)
    assert not room_first.has_room(tmp_path / "kafka" / "data", least=1 << 60)


def test_neither_server_is_started_on_a_full_disk(tmp_path: Path, kafka_installation: KafkaInstallation) -> None:
    kafka = KafkaServer(tmp_path / "kafka", KafkaNode(1, 2, 3), kafka_installation)
    mongod = MongoServer(tmp_path / "mongodb", 4, Path("mongod"))
    for server, folder in ((kafka, "kafka"), (mongod, "mongodb")):
        assert server.command()[:4] == room_first.after_room(tmp_path / folder)
