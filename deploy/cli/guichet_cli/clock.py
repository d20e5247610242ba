"""The time that commands go by: the services' own."""

from datetime import datetime

from guichet.runtime.clock import clock_of


def operators_now() -> datetime:
    """Return the time, aware UTC. Raises SettingsError for a wrong GUICHET_CLOCK_FILE."""
    return clock_of("guichet-cli").now()
