"""The two who rotate in this process, one after the other."""

import asyncio

from guichet.vault.rotation.ports import Rotation, RotationReport


class OneRotation(Rotation):
    """A rotation that waits for one that is under way in this process, and then begins.

    An erasure that was ready while the night's rotation ran was refused the lock, and tried again a minute later.
    """

    def __init__(self, rotation: Rotation) -> None:
        self._rotation = rotation
        self._under_way = asyncio.Lock()

    async def run(self) -> RotationReport:
        async with self._under_way:
            return await self._rotation.run()
