"""What a form of the clocks says: one fact that is told, or one that was told by mistake. Values."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class FactInput:
    """kind: of a fact, as guichet.contracts.legal_facts has it; value: what it says.

    on: the day on which it was so, as it was typed. asked_on: when the right was asked for that is extended.
    pieces, until: what a letter asks for, and the last day of the time that it gives.
    seen: which receipt the page said that it lets leave. what: the mark of the fact that was a mistake.
    reason: why it was one, or what shows that it is so.
    """

    kind: str = ""
    value: str = ""
    on: str = ""
    asked_on: str = ""
    pieces: tuple[str, ...] = ()
    until: str = ""
    seen: str = ""
    what: str = ""
    reason: str = field(default="", repr=False)
