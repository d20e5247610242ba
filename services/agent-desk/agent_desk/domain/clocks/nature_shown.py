"""Who said what a case is, and what shows it, beside its clocks. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from guichet.case.history import HistoryEntry
from guichet.contracts.legal_facts import FactKind
from guichet.ids import AgentId


@dataclass(frozen=True)
class NatureShown:
    """Of the nature that stands. at: aware. reason: its author's words. is_tampered: they do not open."""

    nature: str
    by: AgentId | None
    at: datetime
    reason: str = field(repr=False)
    is_tampered: bool = False

    @property
    def state(self) -> str:
        """What was told, as a step of the story has it."""
        return FactKind.QUALIFIED

    @property
    def code(self) -> str:
        """What it says, as a step of the story has it."""
        return self.nature


def entry_with_reason(nature: str, entries: Iterable[HistoryEntry]) -> HistoryEntry | None:
    """Return the entry of a case's history that has what shows its nature; None: nothing was written.

    nature: that stands. entries: of the case, in order of version. What was withdrawn and said once more has the newer
    reason.
    """
    told = [each for each in entries if each.type == "FactStated" and each.state == FactKind.QUALIFIED]
    if not told or told[-1].reason is None or told[-1].code != nature:
        return None
    return told[-1]
