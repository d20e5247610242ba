"""Where each part of the stack answers. Pure."""

from collections.abc import Mapping
from typing import Final

from guichet_local.port_plan import PortPlan
from guichet_local.ports import HOST

NOT_HTTP: Final = {"kafka", "mongodb", "ingest-email-lmtp", "citizen-sandbox-smtp"}
TITLES: Final = {
    "agent-desk": "Agent desk",
    "citizen-portal": "Citizen portal",
    "ops-console": "Operations console",
    "citizen-sandbox": "Citizen sandbox (phone, chat, mailbox)",
    "ingest-sms": "SMS and WhatsApp webhooks",
    "ingest-social": "Telegram webhook",
    "ingest-email-lmtp": "Mail in (LMTP)",
    "citizen-sandbox-smtp": "Mail out, caught by the sandbox (SMTP)",
    "kafka": "Kafka",
    "mongodb": "MongoDB",
}


def addresses_of(ports: PortPlan, settings: Mapping[str, str]) -> dict[str, str]:
    """Address by port name: a URL for what speaks HTTP, else host:port; the user's own servers as they said."""
    addresses = {
        name: f"{HOST}:{port}" if name in NOT_HTTP else f"http://{HOST}:{port}" for name, port in ports.items()
    }
    del addresses["kafka-controller"]  # for Kafka itself only
    own = {"kafka": "GUICHET_KAFKA_BOOTSTRAP_SERVERS", "mongodb": "GUICHET_MONGODB_URI"}
    return addresses | {name: settings[variable] for name, variable in own.items() if variable in settings}
