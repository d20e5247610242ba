"""What can go wrong, by what to do about it.

    GuichetError
    ├── PermanentError            will never work          → dead letter
    │   ├── UnopenableError       what is sealed stays so  → dead letter, alarm; a page shows the rest
    │   │   ├── TamperedError     its seal does not hold
    │   │   └── KeyMissingError   the vault never held its key
    │   ├── ForgedError           its writer may not       → dead letter, alarm
    │   ├── NoRightError          its author may not       → dead letter, alarm
    │   ├── WrongProofError       its author has no link   → dead letter, alarm
    │   ├── BugError              an adapter's code failed → dead letter, alarm; its cause is what was raised
    │   └── ErasedError           its key was destroyed    → counts as handled, never a dead letter
    └── TransientError            may work later           → retry with backoff
        ├── ThrottledError        told when to come back   → wait as told
        └── NotAllowedError       a server refuses us      → retry, with an alarm: a person must act

Anything else that reaches the worker loop is a bug: dead letter and alarm. A duplicate is a success.
A vendor's exception is translated where it appears (`raise TransientError("Twilio timed out") from exc`).
Messages are for operators: they carry ids and codes, never a citizen's words.
"""

from datetime import timedelta


class GuichetError(Exception):
    """Every error that Guichet raises on purpose."""


class PermanentError(GuichetError):
    """Will never work, however often it is tried. `reason` is a kebab-case code for metrics and dead letters."""

    def __init__(self, message: str, *, reason: str = "permanent") -> None:
        super().__init__(message)
        self.reason = reason


class UnopenableError(PermanentError):
    """Something sealed does not open, and was not erased."""


class TamperedError(UnopenableError):
    """Sealed bytes do not belong to the thing and field they are read for."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="tampered")


class KeyMissingError(UnopenableError):
    """The vault never held the key of this thing: it is another vault, or one from before the thing."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="key-missing")


class ForgedError(PermanentError):
    """A record is none of its writer's: no door that may decide it signed it, or it names another's channel."""


class NoRightError(PermanentError):
    """The author of a command had no right to it when they gave it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="no-right")


class WrongProofError(PermanentError):
    """A citizen's command was not made with the link of the case."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="wrong-proof")


class BugError(PermanentError):
    """An adapter's code raised what it may not; `__cause__` is that. where: its class and its place, and no words."""

    def __init__(self, where: str) -> None:
        super().__init__(where, reason="bug")
        self.where = where


class ErasedError(PermanentError):
    """The key of this thing was destroyed: the thing counts as erased."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="erased")


class TransientError(GuichetError):
    """May work later: a server is away, a lease is taken, a time-out."""


class ThrottledError(TransientError):
    """The other side said when to come back."""

    def __init__(self, message: str, *, retry_after: timedelta) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotAllowedError(TransientError):
    """Kafka or MongoDB refuses our sign-in, or lacks a right for us; the text says which user lacks what.

    Transient all the same: nothing is given up meanwhile, and once a person has acted everything goes on by itself.
    cause: of the alarm (guichet.runtime.telemetry.access_alarm).
    """

    def __init__(self, message: str, *, cause: str) -> None:
        super().__init__(message)
        self.cause = cause


class SettingsError(GuichetError):
    """A setting or a town file is missing or wrong; the text names it, its value and the remedy."""
