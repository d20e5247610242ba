"""How large a run is."""

from dataclasses import dataclass

USUAL = 1_000_000


@dataclass(frozen=True)
class Size:
    """searches: of each kind. agents: with a live list open. messages: a second that come in meanwhile."""

    cases: int
    searches: int = 40
    opened: int = 60
    new_messages: int = 20
    agents: int = 200
    messages: int = 100
    live_seconds: int = 60


SHORT = Size(300, searches=2, opened=2, new_messages=1, agents=3, messages=5, live_seconds=2)
"""The form of `make test`: it proves that the way works, and measures nothing."""
