"""Which services a town under test has, and which of them misbehave."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from guichet.town.own_accounts import own_accounts
from guichet_testing.builders.example_town import EXAMPLE_TOWN
from guichet_topology.services import Service
from guichet_topology.third_parties import services_with

ACCOUNTS: Final = own_accounts(EXAMPLE_TOWN)
SERVICES: Final = services_with(ACCOUNTS)  # of the example's town
LANES: Final = frozenset(each.lane for each in SERVICES if each.lane)
SANDBOX: Final = "citizen-sandbox"  # no service of the town's: the world outside


def only(*names: str, lanes: Collection[str] = LANES) -> tuple[Service, ...]:
    """Return the services of these names, and with the notifier those that send for it on these lanes."""
    missing = {*names, *lanes} - {each.name for each in SERVICES} - LANES
    assert not missing, f"no such service or lane: {missing}"
    return tuple(each for each in SERVICES if each.name in names or ("notifier" in names and each.lane in lanes))


def without(*names: str) -> tuple[Service, ...]:
    """Return all services but those of these names."""
    return tuple(service for service in SERVICES if service.name not in names)


def played_by(modules: Mapping[str, str], *, variables: Sequence[str] = ()) -> tuple[Service, ...]:
    """Return all services, some played by another module that is started in their place.

    modules: by the service's name. variables: that these modules may know beside the service's own.
    """
    return tuple(
        replace(each, package=modules[each.name], variables=(*each.variables, *variables))
        if each.name in modules
        else each
        for each in SERVICES
    )
