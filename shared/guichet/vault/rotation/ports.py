"""What a rotation of the vault is to those who ask for one (guichet.vault.rotation.rotate does it)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class RotationReport:
    """A rotation that is done. Whatever was destroyed before `began_at` opens from no copy since `ended_at` (UTC).

    generation: of the root key, the only one that is left. buckets: how many got a new key. keys: data keys re-wrapped.
    broken: data keys that somebody altered; they open nothing, and were carried along.
    """

    generation: int
    began_at: datetime
    ended_at: datetime
    buckets: int
    keys: int
    broken: int = 0


class Rotation(Protocol):
    """Ends what destroying keys began: old copies of the vault are noise for them from then on."""

    async def run(self) -> RotationReport:
        """Rotate once, from beginning to end; what an earlier one left half done is finished with it.

        Raises TransientError: MongoDB is away, another process rotates, a file cannot be written, many keys altered.
        What was destroyed opens from old copies until a rotation succeeds.
        """
