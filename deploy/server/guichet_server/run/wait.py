"""`guichet-server wait`: return once every service is ready; else say which are not, and where their words are."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from guichet_local.errors import StartFailedError
from guichet_local.machine.health import is_ready
from guichet_server.installation import Installation
from guichet_server.layout import unit_name
from guichet_topology.deployment import town_ports, town_services
from guichet_topology.ports import health_port_name

PATIENCE: Final = timedelta(minutes=3)
BETWEEN_LOOKS_S: Final = 0.5


def health_ports(here: Installation) -> dict[str, int]:
    """Return where each service of the town tells how it is; not those of third parties, whom nobody waits for."""
    ports = town_ports(here.town.accounts)
    services = (each for each in town_services(here.town.accounts) if not each.is_third_party)
    return {each.name: ports[health_port_name(each.name)] for each in services}


def wait(
    ports: Mapping[str, int], patience: timedelta = PATIENCE, ready: Callable[[int], bool] = is_ready
) -> Iterator[str]:
    """Yield a sentence for each service that became ready. Raises StartFailedError, which names the others."""
    began, waiting = time.monotonic(), dict(ports)
    while True:
        for name in [name for name, port in waiting.items() if ready(port)]:
            del waiting[name]
            yield f"{name} is ready ({time.monotonic() - began:.0f} s)"
        if not waiting:
            return
        if time.monotonic() - began > patience.total_seconds():
            raise StartFailedError(
                "\n".join(f"{name} is not ready: journalctl -u {unit_name(name)}" for name in waiting)
            )
        time.sleep(BETWEEN_LOOKS_S)
