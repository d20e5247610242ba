"""What a day at the desk took: keys, words, seconds; and how that is counted. Pure.

A person's seconds are those of the keystroke-level model (Card, Moran and Newell, The Psychology of Human-Computer
Interaction, 1983): so long for a key, for pointing, for a click, for a hand that goes from keyboard to mouse. What one
thinks meanwhile is in none of them: it is the same at every desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

KEY_S: Final = 0.28  # the model's typist who is no professional: 40 words a minute
POINT_S: Final = 1.1
CLICK_S: Final = 0.2  # down and up
HAND_S: Final = 0.4  # from the keyboard to the mouse, or back


@dataclass(frozen=True)
class Step:
    """Something done at the desk. name: as the page of the day says it.

    acts: keys pressed to get there and to do it, Ctrl and Enter being two. words: characters that were written, which
    any desk would ask for. machine_s: seconds from the first key until the page showed what came of it.
    """

    name: str
    acts: int
    words: int
    machine_s: float

    @property
    def acts_s(self) -> float:
        """Return a person's seconds for what is not words."""
        return self.acts * KEY_S

    @property
    def person_s(self) -> float:
        """Return a person's seconds for all keys."""
        return (self.acts + self.words) * KEY_S


@dataclass(frozen=True)
class MouseWay:
    """A way that another desk documents. clicks, pointings: hovering is pointing alone. keys: of shortcuts or choices,
    no words. hands: how often one goes from keys to mouse or back.
    """

    clicks: int
    keys: int = 0
    hovers: int = 0
    hands: int = 0

    @property
    def seconds(self) -> float:
        """Return a person's seconds for what is not words."""
        moved = self.clicks * (POINT_S + CLICK_S) + self.hovers * POINT_S
        return moved + self.keys * KEY_S + self.hands * HAND_S


def keystrokes_of(combination: str) -> int:
    """Return how many keys a combination is: `Control+Enter` is two, `r` and `+` are one."""
    return 1 if len(combination) == 1 else combination.count("+") + 1


def total(steps: Sequence[Step], name: str) -> Step:
    """Return all of them as one."""
    return Step(
        name, sum(each.acts for each in steps), sum(each.words for each in steps), sum(each.machine_s for each in steps)
    )
