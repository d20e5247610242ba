"""A letter that its channel would not carry any more, as who attempts it must know it. In memory only."""

from dataclasses import dataclass

from guichet.channel.outgoing.letter import Letter


@dataclass(frozen=True)
class LateLetter(Letter):
    """It is attempted no more: the window is over, and there is no template for it. What became of earlier attempts is
    settled first."""
