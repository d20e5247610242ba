"""The composition root of ingest-sms."""

from guichet.channel.host.run import run_host
from guichet.contracts.topics import INBOUND_SMS
from ingest_sms.settings import IngestSmsSettings

SERVICE = "ingest-sms"


async def run(settings: IngestSmsSettings) -> None:
    """Serve every channel of the town whose messages go onto inbound-sms, until SIGTERM. Raises SettingsError."""
    await run_host(SERVICE, INBOUND_SMS, settings)
