import tempfile
from pathlib import Path
from time import monotonic

import pytest

from guichet_local.errors import PortTakenError
from guichet_local.machine import ports
from guichet_local.machine.ports import free_ports
from guichet_local.plan.ports import check_free, fixed_plan, free_plan, setting_of
from guichet_testing.town.services import ACCOUNTS, SERVICES
from guichet_topology.ports import PORTS as OF_EVERY_TOWN

PORTS = fixed_plan({}, ACCOUNTS)


def test_the_table_is_the_documented_one() -> None:
    assert fixed_plan({})["agent-desk"] == 8000
    assert fixed_plan({})["ingest-email-lmtp"] == 8024
    assert fixed_plan({})["case-router-health"] == 9021


def test_health_is_a_thousand_above_the_public_port_and_never_on_it() -> None:
    public = {name: port for name, port in PORTS.items() if 8000 <= port < 9000 and not name.endswith("-smtp")}
    health = {name.removesuffix("-health"): port for name, port in PORTS.items() if name.endswith("-health")}
    for name, port in public.items():
        assert health[name.removesuffix("-lmtp")] == port + 1000
    workers = {"case-router", "notifier", "gdpr-worker", "search-indexer"}
    senders = {each.name for each in SERVICES if each.lane}
    assert health.keys() - {name.removesuffix("-lmtp") for name in public} == workers | senders


def test_a_setting_moves_one_port() -> None:
    moved = fixed_plan({"GUICHET_LOCAL_AGENT_DESK_PORT": "18000"}, ACCOUNTS)
    assert moved == {**PORTS, "agent-desk": 18000}


@pytest.mark.parametrize("text", ["eighty", "", "0", "65536", "-1"])
def test_a_setting_that_is_no_port_is_named(text: str) -> None:
    with pytest.raises(PortTakenError, match="GUICHET_LOCAL_KAFKA_PORT"):
        fixed_plan({"GUICHET_LOCAL_KAFKA_PORT": text})


def test_free_ports_are_all_different() -> None:
    assert len(set(free_plan(ACCOUNTS).values())) == len(PORTS) > len(OF_EVERY_TOWN)


def test_no_port_is_given_twice_before_a_server_can_have_bound_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    given = [port for _ in range(500) for port in free_ports(2)]  # nobody listens on any of them
    assert len(set(given)) == len(given)


def test_what_nobody_bound_in_the_end_is_given_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(ports, "HIGHEST", ports.LOWEST + 3)
    monkeypatch.setattr(ports, "is_free", lambda port: True)
    given = set(free_ports(3))
    later = monotonic() + 2 * ports.LENT_S
    monkeypatch.setattr(ports, "monotonic", lambda: later)
    assert set(free_ports(3)) == given


def test_where_no_port_is_free_nobody_is_kept_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(ports, "is_free", lambda port: port == ports.LOWEST)
    with pytest.raises(PortTakenError, match="no 2 ports are free"):
        free_ports(2)


@pytest.mark.parametrize("name", PORTS)
def test_every_port_that_is_taken_is_named_with_its_setting(name: str) -> None:
    with pytest.raises(PortTakenError) as error:
        check_free(dict(PORTS), is_free=lambda port: port != PORTS[name])
    assert setting_of(name) in str(error.value)
    assert "\n" not in str(error.value)
