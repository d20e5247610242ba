"""gdpr-worker that rests after each step of an erasure until it is let go on: whoever watches it misses no step.

Started in gdpr-worker's place. GUICHET_GDPR_WORKER_RESTS_BY: a folder; it rests as long as a file of the step's name is
there.
"""

import asyncio
import os
import runpy
from pathlib import Path

from guichet.vault.erasure_ledger.entry import ErasureEntry
from guichet.vault.erasure_ledger.ledger import MongoErasureLedger

write = MongoErasureLedger.replace_if_unchanged


async def write_and_rest(this: MongoErasureLedger, entry: ErasureEntry) -> bool:
    """Write as ever, then rest."""
    written = await write(this, entry)
    hold = Path(os.environ["GUICHET_GDPR_WORKER_RESTS_BY"]) / entry.step
    while hold.exists():  # noqa: ASYNC110  looked at, not told
        await asyncio.sleep(0.001)
    return written


if __name__ == "__main__":
    MongoErasureLedger.replace_if_unchanged = write_and_rest  # type: ignore[method-assign, assignment]
    runpy.run_module("gdpr_worker", run_name="__main__")
