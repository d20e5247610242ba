"""How names of variables begin that are Guichet's, or those of accounts of its own channels: nobody else's may.

The one rule of it, for whoever runs a channel's code that is not part of Guichet.
"""

from collections.abc import Iterator
from functools import cache

from guichet.town.own_accounts import every_own_account
from guichet_topology.commands import ADMINISTRATORS, EVERY_COMMAND
from guichet_topology.services import OF_EVERY_TOWN, TUNING


def reasons_against(prefixes: tuple[str, ...]) -> Iterator[str]:
    """Yield why whoever is not part of Guichet may not have all variables that begin so. Raises SettingsError."""
    if seen := sorted(name for name in _names() if f"{name}_".startswith(prefixes)):
        yield f"{seen[0]} would be among its variables"
    for owner, theirs in _prefixes().items():
        if overlap(prefixes, theirs):
            yield f"its variables could not be told from those of {owner}"


def overlap(these: tuple[str, ...], those: tuple[str, ...]) -> bool:
    """Say whether one variable could begin with one of these and with one of those."""
    return any(a.startswith(b) or b.startswith(a) for a in these for b in those)


@cache
def _names() -> frozenset[str]:
    rows = [{*each.variables, *each.ports} for each in OF_EVERY_TOWN]
    return frozenset().union(*rows, *TUNING.values(), EVERY_COMMAND, *ADMINISTRATORS.values())


def _prefixes() -> dict[str, tuple[str, ...]]:
    services = {each.name: (*each.prefixes, *each.told) for each in OF_EVERY_TOWN}
    return services | {each.provider: each.prefixes for each in every_own_account()}
