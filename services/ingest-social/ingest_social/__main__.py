"""Take messages of social networks. Start it with: python -m ingest_social"""

import asyncio

from guichet.errors import SettingsError
from guichet.runtime.service import begin, stop_misconfigured
from ingest_social.app import run
from ingest_social.settings import IngestSocialSettings

SERVICE = "ingest-social"


def main() -> None:
    """Run until SIGTERM; exit 78 when a setting is wrong."""
    settings = begin(SERVICE, IngestSocialSettings)
    try:
        asyncio.run(run(settings))
    except SettingsError as exc:
        stop_misconfigured(SERVICE, exc)


if __name__ == "__main__":
    main()
