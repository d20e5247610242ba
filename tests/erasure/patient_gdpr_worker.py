"""gdpr-worker that rotates the keys of the vault only once it is let: between the keys' destruction and the rotation one looks around.

Started in gdpr-worker's place. GUICHET_GDPR_WORKER_HELD_BY: a file; as long as it is there, nothing is rotated.
"""

import asyncio
import os
from pathlib import Path
from typing import Any

from gdpr_worker.__main__ import main
from guichet.vault.rotation.rotate import VaultRotation

rotation = VaultRotation.run


async def wait_and_turn(this: VaultRotation) -> Any:
    """Turn as ever, later."""
    while Path(os.environ["GUICHET_GDPR_WORKER_HELD_BY"]).exists():  # noqa: ASYNC110, ASYNC240  looked at, not told
        await asyncio.sleep(0.05)
    return await rotation(this)


VaultRotation.run = wait_and_turn  # type: ignore[method-assign]

if __name__ == "__main__":
    main()
