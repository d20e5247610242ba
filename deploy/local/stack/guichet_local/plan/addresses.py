"""Where each part of the stack answers; written down for other processes."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from guichet.town.own_accounts import OwnAccount
from guichet.town.third_parties import ThirdParty
from guichet_local.machine.ports import HOST
from guichet_local.plan.ports import PortPlan
from guichet_local.plan.town import Account
from guichet_topology.ports import PORTS
from guichet_topology.services import OF_EVERY_TOWN

SERVERS: Final = ("kafka", "mongodb")
MAIL: Final = ("-lmtp", "-smtp")
PAGES: Final = {
    "agent-desk": "Agent desk",
    "citizen-portal": "Citizen portal",
    "ops-console": "Operations console",
    "citizen-sandbox": "Citizen sandbox (phone, chat, mailbox)",
}
OF_SERVERS: Final = {
    "ingest-email-lmtp": "Mail in (LMTP)",
    "citizen-sandbox-smtp": "Mail out, caught by the sandbox (SMTP)",
    "kafka": "Kafka",
    "mongodb": "MongoDB",
}


def titles_of(accounts: Iterable[Account]) -> dict[str, str]:
    """What answers at each address that people are shown, the doors for people first; of a host, its channels."""
    accounts = [*accounts]
    own = [each for each in accounts if isinstance(each, OwnAccount)]
    webhooks = {}
    for service in (each for each in OF_EVERY_TOWN if each.topic is not None and each.name in PORTS):
        channels = [title for each in own for title in each.topics.get(service.topic or "", ())]
        if channels:
            webhooks[service.name] = f"{' and '.join(channels)} webhooks"
    parties = (each for each in accounts if isinstance(each, ThirdParty) and each.takes_in)
    theirs = {each.host: f"{' and '.join(each.channels)} webhooks (another package's)" for each in parties}
    return {**PAGES, **webhooks, **theirs, **OF_SERVERS}


def addresses_of(ports: PortPlan, settings: Mapping[str, str]) -> dict[str, str]:
    """Address by port name: a URL for what speaks HTTP, else host:port; of the user's own servers no password."""
    addresses = {
        name: f"{HOST}:{port}" if name.startswith(SERVERS) or name.endswith(MAIL) else f"http://{HOST}:{port}"
        for name, port in ports.items()
        if not name.endswith("-controller")  # for Kafka itself only
    }
    if kafka := settings.get("GUICHET_KAFKA_BOOTSTRAP_SERVERS"):
        addresses["kafka"] = kafka
    if mongodb := settings.get("GUICHET_MONGODB_URI"):
        addresses["mongodb"] = urlsplit(mongodb).netloc.rpartition("@")[2]
    return addresses


def remember_addresses(folder: Path, addresses: Mapping[str, str]) -> None:
    """Write down where the parts answer, for other processes."""
    (folder / "supervisor" / "addresses.json").write_text(json.dumps(addresses))


def recall_addresses(folder: Path) -> dict[str, str]:
    """What `remember_addresses` wrote."""
    addresses: dict[str, str] = json.loads((folder / "supervisor" / "addresses.json").read_text())
    return addresses
