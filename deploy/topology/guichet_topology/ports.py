"""Which port each process and server listens on, where nobody says otherwise. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final
from zlib import crc32

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
    # health and metrics, for operators: the public port + 1000; workers have no public one
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
    "sender-mail-health": 9031,
    "sender-twilio-health": 9032,
    "sender-telegram-health": 9033,
    "kafka": 9092,
    "kafka-controller": 9093,
    "mongodb": 27017,
}

# Of channels of other packages: webhooks 8100–8199, health a thousand above; health of their senders 9200–9299.
FIRST_OF_THIRD_PARTIES: Final = 8100
_PLACES: Final = 100


def health_port_name(process: str) -> str:
    """The name of the port on which a process tells how it is. Pure."""
    return f"{process}-health"


def third_party_ports(parties: Iterable[ThirdParty]) -> dict[str, int]:
    """Allot ports by name, so that a party keeps its own whoever comes or goes beside it.

    Where two names fall on one place, the later in the alphabet takes the next free one. Pure.
    """
    taken: set[int] = set()
    ports: dict[str, int] = {}
    for party in sorted(parties, key=lambda each: each.provider):
        place = crc32(party.provider.encode()) % _PLACES
        while place in taken:
            place = (place + 1) % _PLACES
        taken.add(place)
        port = FIRST_OF_THIRD_PARTIES + place
        if party.takes_in:
            ports |= {party.host: port, health_port_name(party.host): port + 1000}
        if party.sends:
            ports[health_port_name(party.sender)] = port + 1100
    return ports
