"""Take SMS and WhatsApp messages from Twilio. Start it with: python -m ingest_sms"""

import asyncio

from guichet.errors import SettingsError
from guichet.runtime.service import begin, stop_misconfigured
from ingest_sms.app import run
from ingest_sms.settings import IngestSmsSettings

SERVICE = "ingest-sms"


def main() -> None:
    """Run until SIGTERM; exit 78 when a setting is wrong."""
    settings = begin(SERVICE, IngestSmsSettings)
    try:
        asyncio.run(run(settings))
    except SettingsError as exc:
        stop_misconfigured(SERVICE, exc)


if __name__ == "__main__":
    main()
