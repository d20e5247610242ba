"""The values of every variable of a town's own installation: what is where, its secrets, what the town sets. Pure.

The local stack has values of its own (guichet_local.plan.environment): there the sandbox plays the providers. Which
process gets which of them, environment.py says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from guichet.town.own_accounts import OwnAccount
from guichet.town.third_parties import ThirdParty
from guichet_topology.accounts import PLAYS_PROVIDERS
from guichet_topology.environment import Environment
from guichet_topology.ports import PORTS, account_ports, health_port_name
from guichet_topology.services import Service
from guichet_topology.sign_in import STORE_ADDRESS, STORE_URI, VAULT_URI
from guichet_topology.third_parties import services_with

BROKERS: Final = "GUICHET_KAFKA_BOOTSTRAP_SERVERS"
CONSOLE: Final = "ops-console"
LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True)
class Places:
    """Where a deployment keeps things: folders, files and URLs.

    hosts: under which name one process meets another, by the other's; who is not named is on the same machine.
    listens_on: the address on which doors and health pages answer.
    """

    town: str
    objects_url: str
    public_keys: str
    root_key_file: str
    vault_backups: str
    backups: str
    sender_sockets: str
    search_files: str
    channel_packages: str
    users_file: str
    kafka_admin_properties: str
    mongodb_admin_uri: str
    hosts: Mapping[str, str] = field(default_factory=dict)
    listens_on: str = LOOPBACK

    def host(self, name: str) -> str:
        """Where a process or a server of this name is reached."""
        return self.hosts.get(name, LOOPBACK)


def town_services(accounts: Iterable[OwnAccount | ThirdParty]) -> tuple[Service, ...]:
    """Return the services of a town's own installation: nobody plays its providers. Raises SettingsError."""
    return tuple(each for each in services_with(accounts) if each.name != PLAYS_PROVIDERS)


def town_ports(accounts: Iterable[OwnAccount | ThirdParty]) -> dict[str, int]:
    """Return the port of each part under its name."""
    return {**PORTS, **account_ports(accounts)}


def deployment_values(
    places: Places,
    secrets: Mapping[str, str],
    settings: Mapping[str, str],
    accounts: Iterable[OwnAccount | ThirdParty],
) -> Environment:
    """Return every variable's value. What `settings` names wins: a broker or a store of the town's own, say."""
    accounts = [*accounts]
    ports = town_ports(accounts)
    values = {
        **_servers(places, ports, settings),
        "GUICHET_MONGODB_DATABASE": "guichet",
        "GUICHET_VAULT_DATABASE": "guichet_vault",
        "GUICHET_OBJECTS_URL": places.objects_url,
        "GUICHET_PUBLIC_KEYS": places.public_keys,
        "GUICHET_ROOT_KEY_FILE": places.root_key_file,
        "GUICHET_VAULT_BACKUPS": places.vault_backups,
        "GUICHET_BACKUPS": places.backups,
        "GUICHET_SENDER_SOCKETS": places.sender_sockets,
        "GUICHET_SEARCH_FILES": places.search_files,
        "GUICHET_CHANNEL_PACKAGES": places.channel_packages,
        "GUICHET_TOWN": places.town,
        "GUICHET_HTTP_HOST": places.listens_on,
        "GUICHET_HEALTH_HOST": places.listens_on,
        "GUICHET_LMTP_HOST": places.listens_on,
        "GUICHET_LMTP_PORT": str(ports["ingest-email-lmtp"]),
        "GUICHET_TRUSTED_PROXIES": places.host("proxy"),
        "GUICHET_SMTP_HOST": places.host("relay"),
        "GUICHET_SMTP_PORT": "25",
        "GUICHET_SMTP_SECURITY": "none",  # the town's own relay on the same machine, unless the town says another
        "GUICHET_LOG_LEVEL": "info",
        "GUICHET_OPS_URL": f"http://{places.host(CONSOLE)}:{ports[CONSOLE]}",
        "GUICHET_OPS_TARGETS": ",".join(_targets(places, ports, town_services(accounts))),
    }
    if places.listens_on != LOOPBACK:  # a container's own; what the machine shows of it is compose.yaml's
        values["GUICHET_OPS_PUBLISHED"] = "loopback"
    return values | dict(secrets) | dict(settings)


def _servers(places: Places, ports: Mapping[str, int], settings: Mapping[str, str]) -> Environment:
    values = {
        "GUICHET_KAFKA_USERS_FILE": places.users_file,
        "GUICHET_KAFKA_ADMIN_PROPERTIES": places.kafka_admin_properties,
        "GUICHET_MONGODB_USERS_FILE": places.users_file,
        "GUICHET_MONGODB_ADMIN_URI_FILE": places.mongodb_admin_uri,
    }
    if BROKERS not in settings:
        values |= {
            BROKERS: f"{places.host('kafka')}:{ports['kafka']}",
            "GUICHET_KAFKA_SECURITY": "sasl_plaintext",
            "GUICHET_KAFKA_REPLICATION": "1",
        }
    if STORE_URI in settings:
        values[VAULT_URI] = settings[STORE_URI]
    elif STORE_ADDRESS not in settings:
        values[STORE_ADDRESS] = f"{places.host('mongodb')}:{ports['mongodb']}"
    return values


def _targets(places: Places, ports: Mapping[str, int], services: Iterable[Service]) -> Iterable[str]:
    """Each service but the console itself, and where it tells how it is."""
    for each in services:
        if each.name != CONSOLE:
            yield f"{each.name}=http://{places.host(each.name)}:{ports[health_port_name(each.name)]}"
