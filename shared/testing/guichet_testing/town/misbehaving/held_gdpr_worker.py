"""gdpr-worker that rotates the vault's keys only once it is let: between their destruction and that one looks around.

Started in gdpr-worker's place. GUICHET_GDPR_WORKER_HELD_BY: a file; as long as it is there, nothing is rotated.
"""

import asyncio
import os
import runpy
from pathlib import Path
from typing import Any

from guichet.vault.rotation.rotate import VaultRotation

rotate = VaultRotation.run


async def wait_and_rotate(this: VaultRotation) -> Any:
    """Rotate as ever, later."""
    while Path(os.environ["GUICHET_GDPR_WORKER_HELD_BY"]).exists():  # noqa: ASYNC110, ASYNC240  looked at, not told
        await asyncio.sleep(0.05)
    return await rotate(this)


if __name__ == "__main__":
    VaultRotation.run = wait_and_rotate  # type: ignore[method-assign, assignment]
    runpy.run_module("gdpr_worker", run_name="__main__")
