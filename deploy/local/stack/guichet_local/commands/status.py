"""How each part of a running stack is, seen from any process."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from guichet_local.errors import NotRunningError
from guichet_local.machine.health import is_ready
from guichet_local.plan.addresses import recall_addresses
from guichet_local.plan.ports import is_server
from guichet_local.processes.supervisor import ProcessState, Supervisor
from guichet_topology.ports import health_port_name

NOT_RUNNING = "Guichet does not run here. Start it with `make run`."


@dataclass(frozen=True)
class PartStatus:
    """One line of `make status`, as it is shown."""

    name: str
    state: str
    ready: str
    since: str
    address: str


def read_status(folder: Path, supervisor: Supervisor) -> list[PartStatus]:
    """How each part is. Raises NotRunningError."""
    if not supervisor.is_running:
        raise NotRunningError(NOT_RUNNING)
    addresses = recall_addresses(folder)
    return [_part(state, addresses) for state in supervisor.states()]


def _part(state: ProcessState, addresses: Mapping[str, str]) -> PartStatus:
    """A server's readiness is not asked for here: the services' is, and they depend on it.

    The address of what has no page or webhook of its own (a worker) is that of its health.
    """
    health = addresses.get(health_port_name(state.name), "")
    port = urlsplit(health).port
    asked = state.runs and not is_server(state.name)
    return PartStatus(
        state.name,
        state.state.lower() if state.runs else f"{state.state.lower()} (status {state.exit_status})",
        ("yes" if is_ready(port) else "no") if asked and port else "",
        datetime.fromtimestamp(state.since, UTC).astimezone().strftime("%H:%M:%S"),
        addresses.get(state.name, health),
    )
