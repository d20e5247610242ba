"""A town that lacks a mention which an acknowledgement owes."""

from dataclasses import replace

from guichet.law.clocks.delay import Delay
from guichet.town import Town
from guichet.town.procedure_clocks import RemedyEntry


def wants_a_remedy_first(town: Town) -> Town:
    """Return a town whose aide-sociale is contested by a remedy of its own first, and which says nowhere how."""
    procedure, first = town.procedures["aide-sociale"], {"remedy": RemedyEntry(after=Delay(2), source="CRPA R343-5")}
    clocks = tuple(each.model_copy(update=first) for each in procedure.clocks)
    changed = procedure.model_copy(update={"clocks": clocks, "remedies": None})
    return replace(town, procedures={**town.procedures, "aide-sociale": changed})
