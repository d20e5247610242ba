"""Every file of a server, from the town's accounts, its settings and its secrets. Pure: values in, files out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from guichet.kafka.admin.rights import password_variable as broker_password
from guichet.store.setup import roles
from guichet.town.own_accounts import OwnAccount
from guichet.town.third_parties import ThirdParty
from guichet_local.kafka.security import KafkaSecurity, administrator_properties
from guichet_server.layout import CONFIGURATION, PLACES, environment_file, unit_name
from guichet_server.processes import SETTINGS_OF_OURS, Numbers, own_servers, process_environment
from guichet_server.render import errands
from guichet_server.render.caddy import caddyfile, sites
from guichet_server.render.folders import tmpfiles
from guichet_server.render.mail import transport_table
from guichet_server.render.other_units import BACKUP, BACKUP_TIMER, backup_timer, backup_unit, server_units, target
from guichet_server.render.service_units import service_unit
from guichet_server.render.unit import TARGET, render_unit
from guichet_server.users import KAFKA, MONGOD, sysusers
from guichet_topology.deployment import deployment_values, town_ports, town_services
from guichet_topology.env_file import write_env
from guichet_topology.environment import Environment, command_line_environment
from guichet_topology.sign_in import ADMINISTRATOR, BROKER, admin_uri

MONGODB_CACHE: Final = "GUICHET_SERVER_MONGODB_CACHE_GIB"
KAFKA_HEAP: Final = "GUICHET_SERVER_KAFKA_HEAP_MIB"
UNITS: Final = "/etc/systemd/system"
CADDYFILE: Final = "/etc/caddy/guichet.caddy"
TRANSPORT_TABLE: Final = f"{CONFIGURATION}/postfix-transport"
SYSUSERS: Final = "/etc/sysusers.d/guichet.conf"
TMPFILES: Final = "/etc/tmpfiles.d/guichet.conf"
JOURNAL: Final = "/etc/systemd/journald.conf.d/guichet.conf"
# One JSON object a line, with ids and never a person; docs/operations.md says how long to keep them.
JOURNAL_LIMITS: Final = """\
# Written by `guichet-server apply`. How much of the logs is kept, and for how long.
[Journal]
Storage=persistent
SystemMaxUse=2G
MaxRetentionSec=30day
"""


@dataclass(frozen=True)
class Town:
    """What of a town decides what its server runs. mailboxes: the addresses that citizens write to. read_by_imap: those
    of them that ingest-email fetches."""

    accounts: tuple[OwnAccount | ThirdParty, ...]
    mailboxes: tuple[str, ...]
    read_by_imap: tuple[str, ...] = ()


@dataclass(frozen=True)
class File:
    """A file to write. secret: for root alone (0600), else for everybody to read (0644)."""

    text: str
    secret: bool = False


def values_of(town: Town, settings: Mapping[str, str], secrets: Mapping[str, str]) -> Environment:
    """Return every variable's value."""
    return deployment_values(PLACES, secrets, settings, town.accounts)


def files_of(
    town: Town, settings: Mapping[str, str], secrets: Mapping[str, str], *, numbers: Numbers | None = None
) -> dict[str, File]:
    """Return the files by path. Raises SettingsError where a setting is missing or wrong."""
    values, ports = values_of(town, settings, secrets), town_ports(town.accounts)
    services, servers = town_services(town.accounts), own_servers(settings)
    environments = {each.name: process_environment(each, values, ports, numbers=numbers) for each in services}
    units = [service_unit(each, environments[each.name], servers) for each in services]
    backup = command_line_environment(values, ("backup", "nightly"), town.accounts)
    units = [*server_units(servers), *units, backup_unit(backup, servers)]
    processes = [*servers, *(each.name for each in services)]
    secret = environments | {BACKUP: backup} | _server_environments(servers, values)
    return {
        **{f"{UNITS}/{unit_name(each.process)}": File(render_unit(each)) for each in units},
        f"{UNITS}/{TARGET}": File(target(processes)),
        f"{UNITS}/{BACKUP_TIMER}": File(backup_timer()),
        f"{UNITS}/{errands.SOCKET}": File(errands.errand_socket()),
        f"{UNITS}/{errands.SERVICE}": File(errands.errand_service()),
        **{environment_file(name): File(write_env(_handed_on(own)), secret=True) for name, own in secret.items()},
        **_administrators(servers, values),
        SYSUSERS: File(sysusers(services, servers)),
        TMPFILES: File(tmpfiles(services, servers, values)),
        CADDYFILE: File(caddyfile(sites(services, values, ports), values)),
        TRANSPORT_TABLE: File(transport_table(town.mailboxes, town.read_by_imap, values)),
        JOURNAL: File(JOURNAL_LIMITS),
    }


def units_in(files: Iterable[str]) -> list[str]:
    """Return the names of the units among files."""
    return [file.rpartition("/")[2] for file in files if file.startswith(f"{UNITS}/")]


def broker_security(values: Mapping[str, str]) -> KafkaSecurity:
    """Return what our own broker is told of the two users that it knows by itself."""
    return KafkaSecurity(values[broker_password(BROKER)], values[broker_password(ADMINISTRATOR)])


def _handed_on(own: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in own.items() if not name.startswith(SETTINGS_OF_OURS)}


def _server_environments(servers: Iterable[str], values: Mapping[str, str]) -> dict[str, Environment]:
    """What Kafka and MongoDB must know of their users: the administrator's password, and the broker's own."""
    store = roles.password_variable(roles.ADMINISTRATOR)
    names = {KAFKA: (broker_password(BROKER), broker_password(ADMINISTRATOR)), MONGOD: (store,)}
    found = {server: {name: values[name] for name in names[server]} for server in servers}
    for server, setting in ((MONGOD, MONGODB_CACHE), (KAFKA, KAFKA_HEAP)):
        if server in found and setting in values:
            found[server][setting.removeprefix(SETTINGS_OF_OURS)] = values[setting]
    return found


def _administrators(servers: Iterable[str], values: Mapping[str, str]) -> dict[str, File]:
    """The files by which deployment acts as administrator; of a server of the town's own, the town writes them."""
    found = {}
    if KAFKA in servers:
        text = administrator_properties(broker_security(values))
        found[PLACES.kafka_admin_properties] = File(text, secret=True)
    if MONGOD in servers:
        found[PLACES.mongodb_admin_uri] = File(admin_uri(values), secret=True)
    return found
