"""Watch topics, services and alarms. Start it with: python -m ops_console"""

import asyncio

from guichet.errors import SettingsError
from guichet.runtime.service import begin, stop_misconfigured
from ops_console.app import run
from ops_console.settings import OpsConsoleSettings

SERVICE = "ops-console"


def main() -> None:
    """Run until SIGTERM; exit 78 when a setting or the town is wrong."""
    settings = begin(SERVICE, OpsConsoleSettings)
    try:
        asyncio.run(run(settings))
    except SettingsError as exc:
        stop_misconfigured(SERVICE, exc)


if __name__ == "__main__":
    main()
