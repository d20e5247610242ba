"""Which port each part of a local stack listens on: those of the table, moved by settings, or free ones for a test."""

from collections.abc import Callable, Iterable, Mapping

from guichet_local.errors import PortTakenError
from guichet_local.machine.ports import free_ports, is_free
from guichet_local.plan.town import Account
from guichet_topology.ports import PORTS, account_ports

PortPlan = dict[str, int]

KAFKA, MONGODB = "kafka", "mongodb"


def setting_of(port_name: str) -> str:
    """The variable that moves a port: `GUICHET_LOCAL_AGENT_DESK_PORT` for `agent-desk`."""
    return f"GUICHET_LOCAL_{port_name.upper().replace('-', '_')}_PORT"


def fixed_plan(settings: Mapping[str, str], accounts: Iterable[Account] = ()) -> PortPlan:
    """The table, moved where a setting says so. Raises PortTakenError for a setting that is no port."""
    table = {**PORTS, **account_ports(accounts)}
    return {name: _port(setting_of(name), settings, default) for name, default in table.items()}


def free_plan(accounts: Iterable[Account] = ()) -> PortPlan:
    """Every part on a port that is free just now."""
    names = [*PORTS, *account_ports(accounts)]
    return dict(zip(names, free_ports(len(names)), strict=True))


def further_kafka_plan(nodes: int) -> PortPlan:
    """Free ports for the second, third … broker of a cluster of `nodes`: `kafka-2`, `kafka-2-controller` …"""
    names = [name for node in range(2, nodes + 1) for name in (f"kafka-{node}", f"kafka-{node}-controller")]
    return dict(zip(names, free_ports(len(names)), strict=True))


def further_mongodb_plan(members: int) -> PortPlan:
    """Free ports for the second, third … member of a replica set of `members`: `mongodb-2` …"""
    names = [f"mongodb-{member}" for member in range(2, members + 1)]
    return dict(zip(names, free_ports(len(names)), strict=True))


def kafka_names(plan: Mapping[str, int]) -> list[str]:
    """The brokers that a plan has ports for, the first one first. Pure."""
    return [name for name in plan if f"{name}-controller" in plan]


def mongodb_names(plan: Mapping[str, int]) -> list[str]:
    """The members of the replica set that a plan has ports for, the first one first. Pure."""
    return [name for name in plan if name.partition("-")[0] == MONGODB]


def is_server(name: str) -> bool:
    """True for a part that is a server and no service: each member ("mongodb", "mongodb-2" …), each broker."""
    return name.partition("-")[0] in {KAFKA, MONGODB}


def check_free(plan: PortPlan, is_free: Callable[[int], bool] = is_free) -> None:
    """Raise PortTakenError, naming the setting, for the first port that somebody else holds."""
    for name, port in plan.items():
        if not is_free(port):
            raise PortTakenError(
                f"Port {port} ({name}) is taken: stop what listens there, or move ours: "
                f"{setting_of(name)}=<another port> make run"
            )


def _port(setting: str, settings: Mapping[str, str], default: int) -> int:
    text = settings.get(setting, str(default))
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise PortTakenError(f"{setting}={text} is no port: give a number from 1 to 65535.")
    return int(text)
