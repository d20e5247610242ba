"""Kill gdpr-worker somewhere after a step, as a power cut would. The supervisor starts it again."""

import asyncio
import random
from collections.abc import Sequence
from time import monotonic
from typing import Final

from guichet.vault.erasure_ledger.entry import ErasureStep
from guichet_testing.town.town import Town
from guichet_testing.until import until

WORKER: Final = "gdpr-worker"
AT_MOST: Final = 0.25  # seconds after a step: the next ones take about as long


async def kill_at(town: Town, requests: Sequence[str], step: ErasureStep, chance: random.Random) -> str:
    """Kill it at a random moment after the first of these erasures has reached a step; say when that was."""
    await until(
        lambda: any(step.value in entry.reached for entry in town.ledger(requests)),
        f"an erasure is {step}",
        longest_pause=0.01,
    )
    after = chance.uniform(0, AT_MOST)
    began = monotonic()
    await asyncio.sleep(after)
    pid = town.stack.supervisor.state_of(WORKER).pid
    town.stack.kill(WORKER)
    await until(lambda: town.stack.supervisor.state_of(WORKER).pid not in (0, pid), "gdpr-worker is started again")
    steps = ", ".join(entry.step.value for entry in town.ledger(requests))
    return f"{monotonic() - began:.2f} s after {step}: {steps}"
