"""The variables of the stack; which of them each process gets, guichet_topology says. Pure."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from guichet_local.kafka.sign_in import kafka_values
from guichet_local.machine.paths import CHANNELS, CLOCK, TOWN
from guichet_local.machine.ports import HOST
from guichet_local.mongod.sign_in import store_values
from guichet_local.plan.local_values import local_values
from guichet_local.plan.ports import PortPlan, kafka_names, mongodb_names
from guichet_local.plan.public_keys import PUBLIC_KEYS
from guichet_local.plan.senders import sockets_folder
from guichet_local.plan.town import Account
from guichet_topology.environment import Environment
from guichet_topology.ports import health_port_name
from guichet_topology.secrets import Secrets
from guichet_topology.third_parties import services_with

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
        "GUICHET_SEARCH_FILES": str(folder / "search"),
        "GUICHET_TOWN": str(TOWN),
        "GUICHET_HTTP_HOST": HOST,
        "GUICHET_HEALTH_HOST": HOST,
        "GUICHET_PORTAL_URL": url["citizen-portal"],
        "GUICHET_DESK_URL": url["agent-desk"],
        "GUICHET_DESK_SECOND_FACTOR": "optional",  # who plays an agent has the password of the README, and no telephone
        "GUICHET_DESK_UNDO_SECONDS": "0",  # who plays both an agent and a citizen sees an answer arrive at once
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
        "GUICHET_BACKUP_ALARM_AFTER": "PT0S",  # a trial has no timer
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


def system_environment(caller: Mapping[str, str]) -> Environment:
    """What every process gets of the machine."""
    return {name: caller[name] for name in FROM_THE_CALLER if name in caller} | BY_US
