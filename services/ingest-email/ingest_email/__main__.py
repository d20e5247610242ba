"""Take the town's mail by LMTP. Start it with: python -m ingest_email"""

import asyncio

from guichet.errors import SettingsError
from guichet.runtime.service import begin, stop_misconfigured
from guichet.town.loading import load_town
from ingest_email.app import run
from ingest_email.settings import IngestEmailSettings

SERVICE = "ingest-email"


def main() -> None:
    """Run until SIGTERM; exit 78 when a setting or a town file is wrong."""
    settings = begin(SERVICE, IngestEmailSettings)
    try:
        asyncio.run(run(settings, load_town(settings.town)))
    except SettingsError as exc:
        stop_misconfigured(SERVICE, exc)


if __name__ == "__main__":
    main()
