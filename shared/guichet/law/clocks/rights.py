"""A right of the GDPR: one month, two more where the person is told within the first (docs/law.md 33, 60). Pure."""

from collections.abc import Iterator
from datetime import date

from guichet.law.clocks.clock import Basis, Clock, ClockKind, Follows
from guichet.law.clocks.delay import Delay
from guichet.law.clocks.duty import state_of
from guichet.law.clocks.facts import RightsAnswered, RightsExtended, RightsRequested
from guichet.law.clocks.known_facts import KnownFacts
from guichet.law.clocks.national_rules import RIGHTS
from guichet.law.clocks.rules import TownRules


def rights_clocks(history: KnownFacts, town: TownRules) -> Iterator[Clock]:
    """Yield one for each request; an answer is to what was asked for until then."""
    extensions = [(extended, _request_of(extended, history)) for extended in history.all(RightsExtended)]
    for request in history.all(RightsRequested):
        version = RIGHTS.on(request.on)
        if version is None:
            continue
        within = _due(request.on, version.rule.within, town)
        is_extended = any(of == request and extended.on <= within for extended, of in extensions)
        delay = version.rule.extended if is_extended else version.rule.within
        due = _due(request.on, delay, town)
        answer = _answer_to(request, history)
        state, ended = state_of(due, done=answer.on if answer else None, stopped=None, as_of=history.as_of)
        follows = Follows.RIGHTS_EXTENDED if is_extended else Follows.RIGHTS
        basis = Basis(follows, delay=delay, rolls=town.rights_roll).under(version)
        yield Clock(ClockKind.RIGHTS_REQUEST, state, basis, request.on, due, ended, of=request.at)


def is_extension_of_unknown(history: KnownFacts) -> bool:
    """Say whether an extension names no request, and there is not just one that it can be of: it extends none."""
    return any(_request_of(each, history) is None for each in history.all(RightsExtended))


def _request_of(extended: RightsExtended, history: KnownFacts) -> RightsRequested | None:
    """Return the request that it names, or the only one that was still to be answered."""
    asked = [each for each in history.all(RightsRequested) if each.at <= extended.at]
    if extended.asked_on is not None:
        found = [each for each in asked if each.on == extended.asked_on]
    else:
        answers = [(each, _answer_to(each, history)) for each in asked]
        found = [each for each, answer in answers if answer is None or answer.at >= extended.at]
    return found[0] if len(found) == 1 else None


def _answer_to(request: RightsRequested, history: KnownFacts) -> RightsAnswered | None:
    return next((each for each in history.all(RightsAnswered) if each.at >= request.at), None)


def is_of_before_the_law(history: KnownFacts) -> bool:
    """Say whether a right was asked for before the day from which we know its delay: it has no clock."""
    return any(RIGHTS.on(each.on) is None for each in history.all(RightsRequested))


def _due(began: date, delay: Delay, town: TownRules) -> date:
    due = delay.after(began)
    return town.working_days.first_from(due) if town.rights_roll else due
