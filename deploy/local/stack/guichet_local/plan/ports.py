"""Which port each part listens on: the fixed table of the local stack, or free ones for a test stack."""

from collections.abc import Callable, Mapping
from typing import Final

from guichet_local.errors import PortTakenError
from guichet_local.machine.ports import free_ports, is_free

PortPlan = dict[str, int]

FIXED: Final[Mapping[str, int]] = {
    "agent-desk": 8000,
    "citizen-portal": 8001,
    "ops-console": 8002,
    "citizen-sandbox": 8003,
    "citizen-sandbox-smtp": 8025,
    "ingest-email-lmtp": 8024,
    "ingest-sms": 8011,
    "ingest-social": 8012,
    # health and metrics, for operators: the public port + 1000; workers have no public one
    "agent-desk-health": 9000,
    "citizen-portal-health": 9001,
    "ops-console-health": 9002,
    "citizen-sandbox-health": 9003,
    "ingest-email-health": 9024,
    "ingest-sms-health": 9011,
    "ingest-social-health": 9012,
    "case-router-health": 9021,
    "notifier-health": 9022,
    "gdpr-worker-health": 9023,
    "kafka": 9092,
    "kafka-controller": 9093,
    "mongodb": 27017,
}


def setting_of(port_name: str) -> str:
    """The variable that moves a port: `GUICHET_LOCAL_AGENT_DESK_PORT` for `agent-desk`."""
    return f"GUICHET_LOCAL_{port_name.upper().replace('-', '_')}_PORT"


def fixed_plan(settings: Mapping[str, str]) -> PortPlan:
    """The table, moved where a setting says so. Raises PortTakenError for a setting that is no port."""
    return {name: _port(setting_of(name), settings, default) for name, default in FIXED.items()}


def free_plan() -> PortPlan:
    """Every part on a port that is free just now."""
    return dict(zip(FIXED, free_ports(len(FIXED)), strict=True))


def further_kafka_plan(nodes: int) -> PortPlan:
    """Free ports for the second, third … broker of a cluster of `nodes`: `kafka-2`, `kafka-2-controller` …"""
    names = [name for node in range(2, nodes + 1) for name in (f"kafka-{node}", f"kafka-{node}-controller")]
    return dict(zip(names, free_ports(len(names)), strict=True))


def further_mongodb_plan(members: int) -> PortPlan:
    """Free ports for the second, third … member of a replica set of `members`: `mongodb-2` …"""
    names = [f"mongodb-{member}" for member in range(2, members + 1)]
    return dict(zip(names, free_ports(len(names)), strict=True))


def health_port_name(process: str) -> str:
    """The name of the port on which a process tells how it is. Pure."""
    return f"{process}-health"


def kafka_names(plan: Mapping[str, int]) -> list[str]:
    """The brokers that a plan has ports for, the first one first. Pure."""
    return [name for name in plan if f"{name}-controller" in plan]


def mongodb_names(plan: Mapping[str, int]) -> list[str]:
    """The members of the replica set that a plan has ports for, the first one first. Pure."""
    return [name for name in plan if name.partition("-")[0] == "mongodb"]


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
