"""Which port each process and server listens on, where nobody says otherwise. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final
from zlib import crc32

from guichet.town.own_accounts import OwnAccount
from guichet.town.third_parties import ThirdParty

PORTS: Final[Mapping[str, int]] = {
    "agent-desk": 8000,
    "citizen-portal": 8001,
    "ops-console": 8002,
    "citizen-sandbox": 8003,
    "citizen-sandbox-smtp": 8025,
    "ingest-email-lmtp": 8024,
    "ingest-sms": 8011,
    "ingest-social": 8012,
    # health and metrics, for operators: the public port + 1000; workers have no public one, nor have senders, whose
    # channels' facts say theirs
    "agent-desk-health": 9000,
    "citizen-portal-health": 9001,
    "ops-console-health": 9002,
    "citizen-sandbox-health": 9003,
    "ingest-email-health": 9024,
    "ingest-sms-health": 9011,
    "ingest-social-health": 9012,
    "case-router-health": 9021,
    "notifier-health": 9022,
    "gdpr-worker-health": 9023,
    "search-indexer-health": 9030,
    "kafka": 9092,
    "kafka-controller": 9093,
    "mongodb": 27017,
}

# Where none is agreed, as of channels of other packages: webhooks 8100–8199, health a thousand above; health of senders
# 9200–9299.
FIRST_BY_NAME: Final = 8100
_PLACES: Final = 100


def health_port_name(process: str) -> str:
    """The name of the port on which a process tells how it is. Pure."""
    return f"{process}-health"


def account_ports(accounts: Iterable[OwnAccount | ThirdParty]) -> dict[str, int]:
    """Return the agreed ports, and allot others by name, so that an account keeps its own whoever comes or goes.

    Where two names fall on one place, the later in the alphabet takes the next free one. Pure.
    """
    taken: set[int] = set()
    ports: dict[str, int] = {}
    for account in sorted(accounts, key=lambda each: each.provider):
        if isinstance(account, OwnAccount) and account.facts.health_port is not None:
            ports[health_port_name(account.sender)] = account.facts.health_port
        else:
            ports |= _ports_by_name(account, taken)
    return ports


def _ports_by_name(account: OwnAccount | ThirdParty, taken: set[int]) -> dict[str, int]:
    place = crc32(account.provider.encode()) % _PLACES
    while place in taken:
        place = (place + 1) % _PLACES
    taken.add(place)
    port = FIRST_BY_NAME + place
    ports = {health_port_name(account.sender): port + 1100} if account.sends else {}
    if isinstance(account, ThirdParty) and account.takes_in:
        ports |= {account.host: port, health_port_name(account.host): port + 1000}
    return ports
