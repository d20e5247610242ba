"""Of a deployment's values, the few that each process gets. Pure.

`make run` hands them on by supervisord, a server by systemd: the same table, so that what a process may know is decided
once (docs/decisions/0049).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from guichet.town.own_accounts import OwnAccount
from guichet.town.third_parties import ThirdParty
from guichet_topology.commands import OPERATOR, RUN_CHANNELS, store_user_of, variables_of
from guichet_topology.secrets import signing_key_name
from guichet_topology.services import Service, own_key_name
from guichet_topology.sign_in import sign_in_as, store_uris
from guichet_topology.third_parties import prefixes_of

Environment = dict[str, str]

FOR_PYTHON: Final = {"MALLOC_ARENA_MAX": "1"}  # else glibc keeps memory for each thread apart: up to 5 MiB more


def service_environment(service: Service, values: Mapping[str, str], ports: Mapping[str, int]) -> Environment:
    """What one process of a service gets. `ports` holds, under its names, the ports of this very process."""
    own_ports = {variable: str(ports[name]) for variable, name in service.ports.items()}
    values = {**values, **store_uris(service.name, values)}
    known = {name: value for name, value in values.items() if service.may_know(name)}
    signed_in = sign_in_as(service.name, values) if "GUICHET_KAFKA_BOOTSTRAP_SERVERS" in known else {}
    of_its_own = own_signing_key(service.name, values) | own_keys(service, values) | own_ports
    return known | signed_in | of_its_own | service.fixed


def own_keys(service: Service, values: Mapping[str, str]) -> Environment:
    """The keys that nobody but this service is given."""
    return {variable: values[own_key_name(service.name, variable)] for variable in service.own_keys}


def own_signing_key(door: str, values: Mapping[str, str]) -> Environment:
    """A door's own key, which is kept under a name that no process is given; nothing for who is no door."""
    kept = signing_key_name(door)
    return {"GUICHET_SIGNING_KEY": values[kept]} if kept in values else {}


def command_line_environment(
    values: Mapping[str, str], arguments: Sequence[str] = (), accounts: Iterable[OwnAccount | ThirdParty] = ()
) -> Environment:
    """What the command `guichet ARGUMENTS` gets: the accounts' variables, where it has a channel's code run."""
    values = {**values, **store_uris(store_user_of(arguments), values)}
    may_know = variables_of(arguments)
    known = {name: values[name] for name in may_know if name in values}
    if {*arguments[:1]} & RUN_CHANNELS:
        theirs = tuple(prefix for account in accounts for prefix in prefixes_of(account))
        known |= {name: value for name, value in values.items() if name.startswith(theirs)}
    signs = own_signing_key(OPERATOR, values) if "GUICHET_SIGNING_KEY" in may_know else {}
    return known | sign_in_as(OPERATOR, values) | signs
