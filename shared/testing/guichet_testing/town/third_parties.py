"""One town with channels of other packages, started once for all tests that play them.

A developer's, under any name; one that ends at its first line; and one that means harm.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from guichet_local.machine.paths import TOWN
from guichet_local.plan.town import accounts_of
from guichet_local.stack import LocalStack
from guichet_testing.builders.third_party import a_wheel, write_wheel
from guichet_testing.town.developer import Developed, any_name, develop, enable, enable_from
from guichet_testing.until import PATIENCE_S
from guichet_topology.services import Service
from guichet_topology.third_parties import services_with

VANDAL: Final = "vandal"  # means harm
KITE: Final = "kite"  # ends at its first line
NEEDED: Final = {
    *("citizen-sandbox", "ingest-email", "case-router", "notifier", "sender-mail", "agent-desk"),
}
_PACKAGE: Final = Path(__file__).parent / VANDAL


@dataclass(frozen=True)
class ThirdParties:
    """A running town. channel: the developer's. files: the town's. orders: the folder in which the vandal is told what
    to do. said: what the stack said while it started.
    """

    stack: LocalStack
    channel: Developed
    files: Path
    orders: Path
    said: tuple[str, ...]

    def down(self) -> None:
        """Stop it."""
        self.stack.down()


def start_third_parties(folder: Path) -> ThirdParties:
    """Have a channel developed, a town enable it and two bad ones, and the town start."""
    channel = develop(any_name(), folder / "developer")
    files, packages, orders = folder / "town", folder / "stack" / "channels", folder / "orders"
    shutil.copytree(TOWN, files, ignore=shutil.ignore_patterns("tests"))
    orders.mkdir()
    enable(channel, files, packages)
    enable_from(VANDAL, _the_vandals(folder), files, packages)
    enable_from(KITE, a_wheel(folder, channel=KITE), files, packages)
    settings = {
        "GUICHET_TOWN": str(files),
        "GUICHET_VANDAL_ORDERS": str(orders),
        "GUICHET_DEAD_LETTERS_PER_MINUTE": "5",
        "GUICHET_NOTIFIER_RECEIPTS_A_DAY": "100000",  # a neighbour writes all the while
        **channel.variables,
    }
    said: list[str] = []
    stack = LocalStack(folder / "stack", services=_services(files), settings=settings, say=said.append)
    stack.up()
    try:
        _wait_for(stack, channel.name)
    except BaseException:
        stack.down()
        raise
    return ThirdParties(stack, channel, files, orders, tuple(said))


def _the_vandals(folder: Path) -> Path:
    files = {f"town_vandal/{path.name}": path.read_text() for path in _PACKAGE.iterdir() if path.is_file()}
    return write_wheel(
        folder, "town_vandal", files, {"guichet.channels": {VANDAL: "town_vandal.channel:CHANNEL"}}, "1.0"
    )


def _services(files: Path) -> list[Service]:
    every = services_with(accounts_of({"GUICHET_TOWN": str(files)}))
    return [each for each in every if each.name in NEEDED or each.is_third_party]


def _wait_for(stack: LocalStack, channel: str) -> None:
    """Nothing of Guichet waits for third parties; who plays them does."""
    names = [f"{kind}-{each}" for each in (channel, VANDAL) for kind in ("ingest", "sender")]
    deadline = monotonic() + PATIENCE_S * 2
    while not all(stack.is_ready(name) for name in names):
        assert monotonic() < deadline, f"not ready: {[name for name in names if not stack.is_ready(name)]}"
        sleep(0.2)
