"""Sealed bytes as somebody leaves them who can write in the store and has no key."""

from guichet.contracts.base import Sealed
from guichet.runtime.telemetry.alarms import Alarm
from guichet.runtime.telemetry.metrics import ALARM


def altered(box: bytes) -> bytes:
    """Return the bytes with their last bit turned: the seal's tag no longer fits."""
    return box[:-1] + bytes([box[-1] ^ 1])


def tampered(sealed: Sealed) -> Sealed:
    """Return a sealed value whose bytes were changed at rest."""
    return sealed.model_copy(update={"box": altered(sealed.box)})


def is_alarmed(cause: str, alarm: Alarm = Alarm.TAMPERED) -> bool:
    """Say whether this process raises the alarm for this cause."""
    return bool(ALARM.labels(alarm.value, cause)._value.get())
