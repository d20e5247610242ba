"""How far a bulk act is, as its page says it. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from guichet.store.bulk.acts import BulkAct, BulkState
from guichet.store.bulk.cases import BulkCase, RowState


@dataclass(frozen=True)
class Progress:
    """count: of its cases, those among them that were erased since. asked: given, and not decided yet.

    refused: with the reason of each. unconfirmed: of which nobody has said for long what became.
    """

    act: BulkAct
    done: int
    asked: int
    waiting: int
    cancelled: int
    refused: tuple[BulkCase, ...]
    unconfirmed: tuple[BulkCase, ...]

    @classmethod
    def of(cls, act: BulkAct, rows: Sequence[BulkCase]) -> Self:
        """Return it. rows: the act's; of one that was cancelled, those that still wait are cancelled, too."""
        number = Counter(each.state for each in rows)
        cancels, waiting = act.state is BulkState.CANCELLED, number[RowState.WAITING]
        return cls(
            act,
            done=number[RowState.DONE],
            asked=number[RowState.LEAVING] + number[RowState.GIVEN],
            waiting=0 if cancels else waiting,
            cancelled=number[RowState.CANCELLED] + (waiting if cancels else 0),
            refused=tuple(each for each in rows if each.state is RowState.REFUSED),
            unconfirmed=tuple(each for each in rows if each.state is RowState.UNCONFIRMED),
        )

    @property
    def count(self) -> int:
        """Of how many cases it tells."""
        return self.done + self.asked + self.waiting + self.cancelled + len(self.refused) + len(self.unconfirmed)

    @property
    def settled(self) -> int:
        """Of how many nothing more is to come."""
        return self.count - self.asked - self.waiting

    @property
    def moves(self) -> bool:
        """Whether the page has something to wait for."""
        return bool(self.asked) or (self.act.state is BulkState.RUNNING and bool(self.waiting))
