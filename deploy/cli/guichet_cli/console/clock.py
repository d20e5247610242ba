"""The time that commands go by: the services' own."""

from datetime import datetime
from functools import cache

from guichet.clock import Clock
from guichet.runtime.clock import clock_of


def operators_now() -> datetime:
    """Return the time, aware UTC. Raises SettingsError for a wrong GUICHET_CLOCK_FILE."""
    return commands_clock().now()


@cache  # a vault asks for each key that it remembers, and reading the settings takes a millisecond
def commands_clock() -> Clock:
    """Return the one clock of this command. Raises SettingsError."""
    return clock_of("guichet-cli")
