"""Procedures and days that the tests of the clocks share."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from guichet.law.calendar import WorkingDays, start_of_day
from guichet.law.clocks.case_clocks import CaseClocks, case_clocks
from guichet.law.clocks.clock import Clock, ClockKind
from guichet.law.clocks.delay import Delay, Unit
from guichet.law.clocks.facts import AskedPiece, LegalFact, PiecesAskedFor, ProcedureConfirmed, Received
from guichet.law.clocks.in_force import always
from guichet.law.clocks.rules import Piece, ProcedureRule, SilenceMeans, SilenceRule, Targets, TownRules

PIECES = {
    "plan": Piece("code X, art. 1", indispensable=True),
    "kbis": Piece("code X, art. 2"),
    "photo": Piece(),  # asked for by habit: no text requires it
}
TARGETS = {"normal": Targets(first_answer=5, closing=20), "urgent": Targets(first_answer=1)}
REMEDY = SilenceRule(SilenceMeans.REJECTS, Delay(2), "code X, art. 9")


def a_rule(means: SilenceMeans, after: Delay = Delay(2), source: str | None = "CRPA L231-1") -> ProcedureRule:
    return ProcedureRule(True, SilenceRule(means, after, source), REMEDY, PIECES, TARGETS)


PROCEDURES = {
    "terrace": a_rule(SilenceMeans.ACCEPTS),
    "flat": a_rule(SilenceMeans.REJECTS),
    "document": a_rule(SilenceMeans.REJECTS, Delay(1), "CRPA R311-12, R311-13"),
    "sign": a_rule(SilenceMeans.ACCEPTS, Delay(45, Unit.DAYS)),
    "quiet": a_rule(SilenceMeans.NOTHING),
    "unsure": a_rule(SilenceMeans.ACCEPTS, source=None),
    "undeclared": ProcedureRule(True, None, None, PIECES, TARGETS),
    "pothole": ProcedureRule(False, SilenceRule(SilenceMeans.ACCEPTS, Delay(2), "CRPA L231-1"), targets=TARGETS),
}
FRANCE = TownRules({name: always(rule) for name, rule in PROCEDURES.items()}, WorkingDays())


def at(day: str | date, hour: int = 0) -> datetime:
    """The beginning of a day in Paris, or an hour of it."""
    return start_of_day(date.fromisoformat(day) if isinstance(day, str) else day) + timedelta(hours=hour)


def on(day: str) -> date:
    return date.fromisoformat(day)


def a_case(procedure: str, received: str, *events: LegalFact) -> list[LegalFact]:
    """A request whose procedure was confirmed on the day of its receipt."""
    return [Received(at(received)), ProcedureConfirmed(at(received, 1), procedure), *events]


def asked(day: str, until: str, *names: str, text: str | None = "code X") -> PiecesAskedFor:
    return PiecesAskedFor(at(day), tuple(AskedPiece(name, text) for name in names), on(until))


def seen(events: Iterable[LegalFact], as_of: str, town: TownRules = FRANCE) -> CaseClocks:
    return case_clocks(events, town, on(as_of))


def clock(events: Iterable[LegalFact], kind: ClockKind, as_of: str, town: TownRules = FRANCE) -> Clock:
    """The one clock of its kind."""
    [found] = [each for each in seen(events, as_of, town).clocks if each.kind is kind]
    return found


def kinds(found: CaseClocks) -> list[ClockKind]:
    return [each.kind for each in found.clocks]
