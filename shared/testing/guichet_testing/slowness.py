"""How much slower than usual this machine is just now, for tests that give something a budget of CPU."""

import time
from typing import Final

_STEPS: Final = 200_000
_USUAL_S: Final = 0.006  # of so many steps, on the machine for which the budgets were set
_TRIES: Final = 3


def slowness() -> float:
    """Return how many times as long as usual a fixed piece of work takes, in CPU; 1 at least.

    A slow core, or one that shares its caches with others, makes dear what is cheap: a budget in seconds says nothing
    there of what it is for, something that takes ten or a thousand times as long.
    """
    return max(1.0, min(_once() for _ in range(_TRIES)) / _USUAL_S)


def _once() -> float:
    begun, total = time.process_time(), 0
    for step in range(_STEPS):
        total += step
    return time.process_time() - begun
