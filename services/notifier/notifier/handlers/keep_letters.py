"""What a demonstration does with letters: they are written, counted and recorded as any, and nobody is handed one."""

from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Outcome, sent
from guichet.channel.outgoing.sender import Outgoing


class KeptLetters(Outgoing):
    """In the place of a sender's socket: says of each letter that it was sent (docs/decisions/0056)."""

    repeats = 0

    def __init__(self, name: str) -> None:
        self.name = name

    async def send(self, letter: Letter) -> Outcome:  # noqa: ARG002
        return sent()
