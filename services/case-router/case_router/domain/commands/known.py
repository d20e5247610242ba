"""Whether the town knows what a fact speaks of. Pure."""

from typing import Final

from guichet.case.legal_facts import standing
from guichet.case.record import CaseRecord
from guichet.contracts.legal_facts import FactKind, StatedFact
from guichet.law.calendar import paris_date
from guichet.town.town import Town

_WHAT_IT_IS: Final = frozenset({FactKind.PROCEDURE_CONFIRMED, FactKind.QUALIFIED})


def unknown_in(fact: StatedFact, case: CaseRecord, town: Town) -> str | None:
    """Return why a fact cannot be told of a case, as CommandRefused has it; None: all that it speaks of is known."""
    if fact.procedure is not None:
        procedure = town.procedures.get(fact.procedure)
        return None if procedure is not None and procedure.is_of(case.department) else "unknown-procedure"
    if fact.to is not None:
        return None if fact.to in town.authorities else "unknown-authority"
    named = {fact.piece} if fact.piece is not None else {each.name for each in fact.asked.pieces} if fact.asked else ()
    return "unknown-piece" if {*named} - _pieces_of(case, town) else None


def says_what_it_is(fact: StatedFact) -> bool:
    """Say whether an acknowledgement may hang on it. What pieces do to the delay the letter says that asks for them."""
    what = fact if fact.what is None else fact.what
    return what.event in _WHAT_IT_IS


def _pieces_of(case: CaseRecord, town: Town) -> set[str]:
    """Return the names of pieces that its procedure has, or that a letter has asked for under another one."""
    told = standing(case.facts)
    asked = {piece.name for each in told if each.asked is not None for piece in each.asked.pieces}
    confirmed = [each.procedure for each in told if each.event is FactKind.PROCEDURE_CONFIRMED]
    if not confirmed:
        return asked
    version = town.clock_rules.procedure(str(confirmed[-1]), paris_date(case.received_at))
    return asked if version is None else asked | {*version.rule.pieces}
