"""gdpr-worker that turns the vault only once it is let: between the keys' destruction and the turn one looks around.

Started in gdpr-worker's place. GUICHET_GDPR_WORKER_HELD_BY: a file; as long as it is there, nothing is turned.
"""

import asyncio
import os
from pathlib import Path
from typing import Any

from gdpr_worker.__main__ import main
from guichet.vault.rotation.rotate import VaultTurn

turn = VaultTurn.run


async def wait_and_turn(this: VaultTurn) -> Any:
    """Turn as ever, later."""
    while Path(os.environ["GUICHET_GDPR_WORKER_HELD_BY"]).exists():  # noqa: ASYNC110, ASYNC240  looked at, not told
        await asyncio.sleep(0.05)
    return await turn(this)


VaultTurn.run = wait_and_turn  # type: ignore[method-assign]

if __name__ == "__main__":
    main()
