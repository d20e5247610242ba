"""Where a third party's code runs for an operator's command: a service of its own for each errand, with no right. Pure.

Operators' commands may open everything, and what runs as their user reads and deletes their files and citizens'. So
systemd starts this one as a user that nobody else is (DynamicUser=) and ends all that it leaves behind.
"""

from collections.abc import Iterator
from typing import Final

from guichet_server.layout import ERRANDS_SOCKET, PREFIX, PYTHON
from guichet_server.render.service_units import MISTRUSTED, PYTHON_VARIABLES
from guichet_server.render.unit import CALLS, DENIED, HEAD, NO_RESOURCES, NOT_CALLED
from guichet_server.users import OPERATOR_USER

ERRAND: Final = "errand"
SOCKET: Final = f"{PREFIX}-{ERRAND}.socket"
SERVICE: Final = f"{PREFIX}-{ERRAND}@.service"
_LONGEST: Final = "1h"  # an operator waits for it; one that hangs when they have gone ends all the same
_NO_UNIT_OF_A_DAEMON: Final = frozenset({"RestartSec"})


def errand_socket() -> str:
    """Render the socket: operators alone may connect, and each connection is an errand."""
    return f"""\
{HEAD}[Unit]
Description=Guichet: errands of third parties' channels, for operators' commands

[Socket]
ListenStream={ERRANDS_SOCKET}
SocketUser={OPERATOR_USER}
SocketMode=0600
Accept=yes
MaxConnections=16
"""


def errand_service() -> str:
    """Render the service of one errand."""
    return "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    yield HEAD + "[Unit]"
    yield "Description=Guichet: an errand of a third party's channel"
    yield "Documentation=file:/opt/guichet/docs/operations.md"
    yield "CollectMode=inactive-or-failed"
    yield ""
    yield "[Service]"
    yield f"ExecStart={PYTHON} -P -m guichet.channel.host.errand"
    yield from (f"Environment={each}" for each in PYTHON_VARIABLES)
    yield "StandardInput=socket"
    yield "StandardOutput=socket"
    yield "StandardError=journal"
    yield "DynamicUser=yes"
    yield "User=errand-%i"  # else two at once are one user
    yield "UMask=0077"
    yield f"RuntimeMaxSec={_LONGEST}"
    yield "TimeoutStopSec=5s"
    yield from (f"{name}={value}" for name, value in MISTRUSTED if name not in _NO_UNIT_OF_A_DAEMON)
    yield from (f"{name}={value}" for name, value in DENIED)
    yield "MemoryDenyWriteExecute=yes"
    yield "ProcSubset=pid"
    yield from (f"SystemCallFilter={each}" for each in (CALLS, NOT_CALLED, NO_RESOURCES))
