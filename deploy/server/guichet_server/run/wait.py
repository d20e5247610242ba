"""`guichet-server wait`: return once every service is ready; else say which are not, and where their words are."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from guichet_local.errors import StartFailedError
from guichet_local.machine.health import is_ready
from guichet_server.installation import Installation
from guichet_server.layout import unit_name
from guichet_topology.deployment import town_ports, town_services
from guichet_topology.ports import health_port_name

PATIENCE: Final = timedelta(minutes=3)
NAMES_AFTER: Final = timedelta(seconds=20)  # most are ready by then
BETWEEN_LOOKS_S: Final = 0.5


def health_ports(here: Installation) -> dict[str, int]:
    """Return where each service of the town tells how it is; not those of third parties, whom nobody waits for."""
    ports = town_ports(here.town.accounts)
    services = (each for each in town_services(here.town.accounts) if not each.is_third_party)
    return {each.name: ports[health_port_name(each.name)] for each in services}


def wait(
    ports: Mapping[str, int],
    patience: timedelta = PATIENCE,
    ready: Callable[[int], bool] = is_ready,
    *,
    names_after: timedelta = NAMES_AFTER,
) -> Iterator[str]:
    """Yield a sentence for each service that became ready, and one for those that let wait.

    Raises StartFailedError, which names those that are not: after `patience`, or when whoever waits has had enough.
    """
    began, waiting, are_named = time.monotonic(), dict(ports), False
    try:
        while True:
            for name in [name for name, port in waiting.items() if ready(port)]:
                del waiting[name]
                yield f"{name} is ready ({time.monotonic() - began:.0f} s)"
            if not waiting:
                return
            waited = timedelta(seconds=time.monotonic() - began)
            if waited > patience:
                raise _not_ready(waiting)
            if waited > names_after and not are_named:
                are_named = True
                yield "Not ready yet: " + ", ".join(f"{name} ({_words_of(name)})" for name in waiting)
            time.sleep(BETWEEN_LOOKS_S)
    except KeyboardInterrupt:
        raise _not_ready(waiting) from None


def _not_ready(names: Iterable[str]) -> StartFailedError:
    return StartFailedError("\n".join(f"{name} is not ready: {_words_of(name)}" for name in names))


def _words_of(name: str) -> str:
    return f"journalctl -u {unit_name(name)}"
