"""Serve the agents' pages. Start it with: python -m agent_desk"""

import asyncio

from agent_desk.app import run
from agent_desk.settings import DeskSettings
from guichet.errors import SettingsError
from guichet.runtime.service import begin, stop_misconfigured

SERVICE = "agent-desk"


def main() -> None:
    """Run until SIGTERM; exit 78 when a setting or the town is wrong."""
    settings = begin(SERVICE, DeskSettings)
    try:
        asyncio.run(run(settings))
    except SettingsError as exc:
        stop_misconfigured(SERVICE, exc)


if __name__ == "__main__":
    main()
