"""Who writes which of a year's messages, and on which matter: three in ten go on with one of the last weeks. Pure."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

GOES_ON: Final = 0.3
FORGOTTEN_AFTER: Final = timedelta(days=21)
Drawn = tuple[datetime, str, str, str]
"""When in Paris, by which channel, on what, from which district."""


@dataclass
class Thread:
    """Messages on one matter."""

    key: str
    sender: str
    last: datetime


def threads(rng: random.Random, drawn: Iterable[Drawn]) -> Iterator[tuple[Drawn, Thread]]:
    """Yield each message with its thread. Half of those who open one have written before, early ones the more often."""
    recent: dict[tuple[str, str, str], list[Thread]] = {}
    senders: list[str] = []
    for each in drawn:
        at, *about = each
        known = recent.setdefault((about[0], about[1], about[2]), [])
        thread = rng.choice(known[-20:]) if known and rng.random() < GOES_ON else None
        if thread is None or at - thread.last > FORGOTTEN_AFTER:
            thread = Thread(f"t{rng.getrandbits(48):012x}", _sender(rng, senders), at)
            known.append(thread)
        thread.last = at
        yield each, thread


def _sender(rng: random.Random, senders: list[str]) -> str:
    if not senders or rng.random() < 0.5:
        senders.append(f"s{rng.getrandbits(48):012x}")
        return senders[-1]
    return senders[int(len(senders) * rng.random() ** 2)]
