"""That somebody says what a request is, so that its full acknowledgement leaves in time (docs/law.md 67). Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from guichet.law.clocks.clock import Basis, Clock, ClockKind, Follows
from guichet.law.clocks.facts import ProcedureConfirmed, Qualified, Received, Saisine
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.national_rules import RECEIPTS
from guichet.law.clocks.receipts import as_it_stands
from guichet.law.clocks.rules import TownRules
from guichet.law.clocks.silence_rule import NEVER_ACCEPTED, SILENT

WORKING_DAYS_BEFORE_THE_ARE: Final = 3
"""Ours: so many are left to whoever writes it."""


def qualification_clock(history: KnownFacts, received: Received, town: TownRules) -> Iterator[Clock]:
    """Yield its clock, where the law owes an acknowledgement. One that left without what it has to say ends nothing."""
    version = RECEIPTS.on(received.on)
    if received.saisine is not Saisine.ELECTRONIC or version is None:
        return
    days = version.rule.are - WORKING_DAYS_BEFORE_THE_ARE
    due = town.working_days.after(received.on, days)
    since = _said_since(history, town)
    said = None if since is None else max(since, received.on)
    state, ended, basis = as_it_stands(Basis(Follows.QUALIFICATION, days=days), due, said, history)
    yield Clock(ClockKind.QUALIFICATION, state, basis, received.on, due, ended)


def is_qualified(history: KnownFacts, town: TownRules) -> bool:
    """Say whether it is known what the request is, as far as silence follows from it.

    A procedure of the catalogue says it. Without one a nature does on which silence says nothing, or on which the law's
    own rule rejects: that it is a request (demande) says nothing of its silence.
    """
    qualified, confirmed = history.latest(Qualified), history.latest(ProcedureConfirmed)
    if history.contradicts_itself(Qualified):
        return False
    if qualified is not None and qualified.nature in SILENT:
        return True
    if confirmed is not None:
        return confirmed.procedure in town.procedures
    complains = qualified is not None and qualified.nature in NEVER_ACCEPTED
    return complains and not history.contradicts_itself(ProcedureConfirmed)


def _said_since(history: KnownFacts, town: TownRules) -> date | None:
    """Return the day since which it is known without a break, as each day ended; None: it is not."""
    since: date | None = None
    for day in sorted({fact.on for kind in (ProcedureConfirmed, Qualified) for fact in history.all(kind)}):
        if not is_qualified(history.until(day), town):
            since = None
        elif since is None:
            since = day
    return since
