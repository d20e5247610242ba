"""What differs where Guichet runs in containers: hosts have names, and one image's user is everybody. Pure.

Kafka and MongoDB are the town's own, named in its settings: no image of ours holds them (docs/decisions/0050).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from guichet.errors import SettingsError
from guichet.town.own_accounts import OwnAccount
from guichet.town.third_parties import ThirdParty
from guichet_server.layout import CONFIGURATION, PLACES, SECOND_DISK
from guichet_server.processes import SETTINGS_OF_OURS
from guichet_topology.commands import OPERATOR
from guichet_topology.deployment import BROKERS, deployment_values, town_ports, town_services
from guichet_topology.environment import Environment, command_line_environment, service_environment
from guichet_topology.services import Service
from guichet_topology.sign_in import STORE_ADDRESS, STORE_URI

USER: Final = 10001  # in the image, and owner of what is mounted to be written
VAULT_COPY: Final = f"{SECOND_DISK}/vault-copy"
SENDING_JOURNAL: Final = f"{SECOND_DISK}/sending-journal"
ROOT_KEY_COPY: Final = f"{SECOND_DISK}/root-key"  # the folder: who rotates replaces the file in it
SUBNET: Final = "172.30.77.0/24"
GATEWAY: Final = "172.30.77.1"  # as which the machine itself is seen: its proxy, and a relay that runs there
EVERYWHERE: Final = "0.0.0.0"  # noqa: S104 - in a container's own network; the machine publishes on 127.0.0.1 alone
ENVIRONMENTS: Final = f"{CONFIGURATION}/containers"
ADMINISTRATION: Final = f"{ENVIRONMENTS}/administration"  # what `guichet prepare` reads; no service is mounted it
# A container for each user as whom `guichet` signs in to the store, and what it is for.
COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    OPERATOR: ("town", "check"),
    "guichet-deployment": ("prepare",),
    "guichet-backup": ("backup", "nightly"),
    "guichet-restore": ("restore", "data"),
}
IN_CONTAINERS: Final = replace(
    PLACES,
    users_file=f"{ADMINISTRATION}/users.env",
    kafka_admin_properties=f"{ADMINISTRATION}/kafka-admin.properties",
    mongodb_admin_uri=f"{ADMINISTRATION}/mongodb-admin-uri",
    listens_on=EVERYWHERE,
)
_NEVER: Final = ("'", "\\", "\n")  # what the two readers of such files, compose 1 and 2, take in two ways


def container_services(accounts: Iterable[OwnAccount | ThirdParty]) -> tuple[Service, ...]:
    """Return the services that run in containers. Raises SettingsError for a channel of another package."""
    services = town_services(accounts)
    if foreign := next((each for each in services if each.is_third_party), None):
        raise SettingsError(
            f"{foreign.name}: a channel of another package runs on a server with systemd alone, as a user of its own"
            " (docs/decisions/0050). Close it, or install on such a server."
        )
    return services


def container_environments(
    accounts: Iterable[OwnAccount | ThirdParty], settings: Mapping[str, str], secrets: Mapping[str, str]
) -> dict[str, Environment]:
    """Return the variables of each service, and of each container of a command. Raises SettingsError."""
    accounts = [*accounts]
    services, ports = container_services(accounts), town_ports(accounts)
    _require_servers(settings)
    hosts = {each.name: each.name for each in services} | {"proxy": GATEWAY, "relay": GATEWAY}
    values = deployment_values(replace(IN_CONTAINERS, hosts=hosts), secrets, settings, accounts)
    own = {
        each.name: service_environment(each, values, {name: ports[name] for name in each.ports.values()})
        for each in services
    }
    own |= {name: command_line_environment(values, words, accounts) for name, words in COMMANDS.items()}
    return {name: _of_guichet(environment) for name, environment in own.items()}


def environment_text(environment: Mapping[str, str]) -> str:
    """Return the file by which compose hands variables on. Raises SettingsError, naming one that it cannot hold."""
    for name, value in environment.items():
        if any(each in value for each in _NEVER):
            raise SettingsError(f"{name} holds a quote, a backslash or a line's end, which no container can be given.")
    return "".join(f"{name}='{value}'\n" for name, value in sorted(environment.items()))


def _require_servers(settings: Mapping[str, str]) -> None:
    if BROKERS not in settings:
        raise SettingsError(f"{BROKERS} is not set: name your broker, containers hold none (docs/decisions/0050).")
    if not {STORE_URI, STORE_ADDRESS} & settings.keys():
        raise SettingsError(
            f"{STORE_ADDRESS} is not set: name your MongoDB, containers hold none (docs/decisions/0050)."
        )


def _of_guichet(environment: Environment) -> Environment:
    return {name: value for name, value in environment.items() if not name.startswith(SETTINGS_OF_OURS)}
