"""The variables of the stack and the few of them that each process gets. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from guichet_local.kafka.sign_in import kafka_values, sign_in_as
from guichet_local.machine.paths import CHANNELS, CLOCK, TOWN
from guichet_local.machine.ports import HOST
from guichet_local.mongod.sign_in import store_uris, store_values
from guichet_local.plan.local_values import local_values
from guichet_local.plan.ports import PortPlan, kafka_names, mongodb_names
from guichet_local.plan.public_keys import PUBLIC_KEYS
from guichet_local.plan.secrets import Secrets, signing_key_name
from guichet_local.plan.senders import sockets_folder
from guichet_local.plan.town import Account
from guichet_topology.commands import OPERATOR, RUN_CHANNELS, store_user_of, variables_of
from guichet_topology.ports import health_port_name
from guichet_topology.services import Service, own_key_name
from guichet_topology.third_parties import prefixes_of, services_with

Environment = dict[str, str]

# Of the caller's environment a process gets only what the system needs; NO_PROXY keeps loopback direct.
FROM_THE_CALLER: Final = (
    *("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"),
)
BY_US: Final = {"PYTHONUNBUFFERED": "1", "NO_PROXY": f"{HOST},localhost", "no_proxy": f"{HOST},localhost"}

UNWATCHED: Final = frozenset({"citizen-sandbox", "ops-console"})  # by the console: the world outside, and itself


def stack_values(
    folder: Path,
    ports: PortPlan,
    secrets: Secrets,
    settings: Mapping[str, str],
    accounts: Sequence[Account] = (),
) -> Environment:
    """Every variable of the stack, the sandbox in the providers' place. What `settings` names wins.

    accounts: that the town uses. The console looks at each service but the sandbox and itself.
    """
    watched = [each.name for each in services_with(accounts) if each.name not in UNWATCHED]
    url = {name: f"http://{HOST}:{port}" for name, port in ports.items()}
    brokers = kafka_names(ports)
    own_broker = "GUICHET_KAFKA_BOOTSTRAP_SERVERS" not in settings
    values = {
        "GUICHET_KAFKA_BOOTSTRAP_SERVERS": ",".join(f"{HOST}:{ports[name]}" for name in brokers),
        "GUICHET_KAFKA_REPLICATION": str(len(brokers)),
        **({"GUICHET_CLOCK_FILE": str(folder / CLOCK)} if own_broker else {}),  # else it may be a town's
        **kafka_values(folder, settings),
        **store_values(folder, [ports[name] for name in mongodb_names(ports)], settings),
        "GUICHET_MONGODB_DATABASE": "guichet",
        "GUICHET_VAULT_DATABASE": "guichet_vault",
        "GUICHET_OBJECTS_URL": (folder / "objects").as_uri(),
        "GUICHET_PUBLIC_KEYS": str(folder / "secrets" / PUBLIC_KEYS),
        "GUICHET_ROOT_KEY_FILE": str(folder / "secrets" / "root.key"),
        "GUICHET_SENDER_SOCKETS": str(sockets_folder(folder)),
        "GUICHET_TOWN": str(TOWN),
        "GUICHET_HTTP_HOST": HOST,
        "GUICHET_HEALTH_HOST": HOST,
        "GUICHET_PORTAL_URL": url["citizen-portal"],
        "GUICHET_DESK_URL": url["agent-desk"],
        "GUICHET_DESK_SECOND_FACTOR": "optional",  # who plays an agent has the password of the README, and no telephone
        "GUICHET_LOG_LEVEL": "info",
        **local_values(accounts, url),
        **_relay(ports),
        "GUICHET_NOTIFIER_RECEIPTS_A_DAY": "1000",  # a person who plays writes all day under few addresses
        "GUICHET_LMTP_HOST": HOST,
        "GUICHET_LMTP_PORT": str(ports["ingest-email-lmtp"]),
        "GUICHET_LMTP_AUTHSERV_ID": "mx.mairie.example",  # the sandbox plays the town's mail server and its verdicts
        "GUICHET_ONCALL_EMAIL": "astreinte@mairie.example",
        "GUICHET_OPS_URL": url["ops-console"],
        "GUICHET_OPS_TARGETS": ",".join(f"{name}={url[health_port_name(name)]}" for name in watched),
        "GUICHET_CHANNEL_PACKAGES": str(folder / CHANNELS),
        "GUICHET_MESSAGE_IDS_SHOWN": "true",  # who develops a channel sees them in the sandbox
        **_sandbox(ports),
    }
    return values | secrets | dict(settings)


def _relay(ports: PortPlan) -> Environment:
    """Whom all that write mails take for the town's relay: the sandbox."""
    return {
        "GUICHET_SMTP_HOST": HOST,
        "GUICHET_SMTP_PORT": str(ports["citizen-sandbox-smtp"]),
        "GUICHET_SMTP_SECURITY": "none",
    }


def _sandbox(ports: PortPlan) -> Environment:
    """Where the sandbox listens, and where it hands mail to the town."""
    return {
        "GUICHET_SANDBOX_HTTP_HOST": HOST,
        "GUICHET_SANDBOX_HEALTH_HOST": HOST,
        "GUICHET_SANDBOX_LMTP_HOST": HOST,
        "GUICHET_SANDBOX_LMTP_PORT": str(ports["ingest-email-lmtp"]),
    }


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
    """A door's own key, which the stack keeps under a name that no process is given; nothing for who is no door."""
    kept = signing_key_name(door)
    return {"GUICHET_SIGNING_KEY": values[kept]} if kept in values else {}


def command_line_environment(
    values: Mapping[str, str], arguments: Sequence[str] = (), accounts: Iterable[Account] = ()
) -> Environment:
    """What the command `guichet ARGUMENTS` gets: the accounts' variables, where it has a channel's code run."""
    values = {**values, **store_uris(store_user_of(arguments), values)}
    known = {name: values[name] for name in variables_of(arguments) if name in values}
    if {*arguments[:1]} & RUN_CHANNELS:
        theirs = tuple(prefix for account in accounts for prefix in prefixes_of(account))
        known |= {name: value for name, value in values.items() if name.startswith(theirs)}
    return known | sign_in_as(OPERATOR, values) | own_signing_key(OPERATOR, values)


def system_environment(caller: Mapping[str, str]) -> Environment:
    """What every process gets of the machine."""
    return {name: caller[name] for name in FROM_THE_CALLER if name in caller} | BY_US
