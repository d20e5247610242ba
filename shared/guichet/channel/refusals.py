"""Why an edge refuses what it is handed. Each has its HTTP status in guichet.channel.web.

GuichetError
└── PermanentError
    └── RefusedError                  not taken in, and the source must not try again
        ├── UnverifiedSourceError     the proof of origin does not hold   → 403
        └── TooLargeError             larger than the channel carries     → 413
"""

from guichet.errors import PermanentError


class RefusedError(PermanentError):
    """Not taken in. The text is for the source and for operators: it quotes nothing of what was sent."""


class UnverifiedSourceError(RefusedError):
    """The signature or secret does not prove that the provider sent this."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="forged")


class TooLargeError(RefusedError):
    """Larger than the channel carries."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"larger than {max_bytes} bytes", reason="too-large")
