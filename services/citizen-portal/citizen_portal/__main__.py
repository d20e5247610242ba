"""Serve the pages for citizens. Start it with: python -m citizen_portal"""

import asyncio

from citizen_portal.app import run
from citizen_portal.settings import PortalSettings
from guichet.errors import SettingsError
from guichet.runtime.service import begin, stop_misconfigured

SERVICE = "citizen-portal"


def main() -> None:
    """Run until SIGTERM; exit 78 when a setting or the town is wrong."""
    settings = begin(SERVICE, PortalSettings)
    try:
        asyncio.run(run(settings))
    except SettingsError as exc:
        stop_misconfigured(SERVICE, exc)


if __name__ == "__main__":
    main()
