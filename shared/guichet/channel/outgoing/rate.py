"""How fast a provider account may be written to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """A provider's limits. per_recipient: sends a second to one chat, None where there is no such limit."""

    per_second: float
    burst: int = 1
    per_recipient: float | None = None
