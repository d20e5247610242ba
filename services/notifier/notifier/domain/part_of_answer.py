"""A part of an answer that goes whole, as who counts what it costs must know it. In memory only."""

from dataclasses import dataclass, field

from guichet.channel.outgoing.letter import Letter


@dataclass(frozen=True)
class PartOfAnswer(Letter):
    """following: the texts of the parts after it; no sender is handed them."""

    following: tuple[str, ...] = field(default=(), repr=False)
