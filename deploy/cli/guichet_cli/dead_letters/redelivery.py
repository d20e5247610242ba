"""Why a payload did not get in."""

from guichet.errors import GuichetError


class DoorClosedError(GuichetError):
    """The adapter is away or refuses. The text says what it answered; the dead letter stays open."""
