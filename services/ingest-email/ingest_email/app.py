"""The composition root of ingest-email: it opens the channels whose messages go onto inbound-email, and names none."""

from guichet.channel.host.run import run_host
from guichet.contracts.topics import INBOUND_EMAIL
from ingest_email.settings import IngestEmailSettings

SERVICE = "ingest-email"


async def run(settings: IngestEmailSettings) -> None:
    """Take in what citizens write until SIGTERM. Raises SettingsError: see run_host."""
    await run_host(SERVICE, INBOUND_EMAIL, settings)
