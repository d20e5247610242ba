"""Who said what a case is, and what shows it, beside its clocks. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from guichet.case.history import HistoryEntry
from guichet.contracts.legal_facts import FactKind
from guichet.ids import AgentId

AS_KEPT: Final = timedelta(milliseconds=1)  # of a moment in the store less is cut off


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


def entry_with_reason(nature: str, at: datetime, entries: Iterable[HistoryEntry]) -> HistoryEntry | None:
    """Return the entry of a case's history that has what shows its nature; None: nothing was written.

    nature, at: of the fact that stands. entries: of the case, in order of version. What was said since, and withdrawn,
    takes its reason from none; where one was withdrawn and said once more, the newer reason shows it.
    """
    said = [each for each in entries if each.type == "FactStated" and each.state == FactKind.QUALIFIED]
    told = [each for each in said if each.code == nature and each.at <= at + AS_KEPT]
    return told[-1] if told and told[-1].reason is not None else None
