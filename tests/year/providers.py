"""The town's providers: they take every letter and keep what was handed over, or are down and take none."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Outcome, sent
from guichet.channel.outgoing.sender import Outgoing
from guichet.errors import TransientError
from guichet.ids import MessageId
from tests.year.incidents import ProviderOut

_REFERENCE: Final = re.compile(r"\b20\d\d-[0-9A-Z]{4}-[0-9A-Z]{3}\b")


@dataclass(frozen=True)
class Handed:
    """A letter that left. references: of the cases that it names."""

    at: datetime
    outbound_id: MessageId
    references: frozenset[str]


class Provider(Outgoing):
    """One account. handed: where it notes what left, for all of them. A part of a longer letter is none yet."""

    def __init__(
        self, lane: str, clock: Callable[[], datetime], out: tuple[ProviderOut, ...], handed: list[Handed]
    ) -> None:
        self.name = lane
        self._clock = clock
        self._out = tuple(each for each in out if each.lane == lane)
        self._handed = handed

    @property
    def is_down(self) -> bool:
        """Whether it takes nothing now."""
        return any(each.holds(self._clock()) for each in self._out)

    async def send(self, letter: Letter) -> Outcome:
        if self.is_down:
            raise TransientError(f"{self.name} is down")
        if not letter.more:
            named = frozenset(_REFERENCE.findall(letter.text))
            self._handed.append(Handed(self._clock(), letter.outbound_id, named))
        return sent()
