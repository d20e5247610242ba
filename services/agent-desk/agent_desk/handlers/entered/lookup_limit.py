"""How often an agent's typing may look for people: who reads the town's names one after the other is slowed down."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from guichet.ids import AgentId

MOST: Final = 60  # a minute: somebody who types, and stops at each word, asks some ten times for a call
WITHIN: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class LookupLimit:
    """Counted in the process's memory: another process of the desk counts its own."""

    clock: Callable[[], datetime]
    _asked: dict[AgentId, deque[datetime]] = field(default_factory=dict, init=False)

    def allows(self, agent: AgentId) -> bool:
        """Say whether an agent may look once more now; it counts where they may."""
        now, asked = self.clock(), self._asked.setdefault(agent, deque(maxlen=MOST))
        if len(asked) == MOST and now - asked[0] < WITHIN:
            return False
        asked.append(now)
        return True
