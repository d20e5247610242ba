"""Whether a case is kept as evidence of a threat, and until when (docs/law.md 68). Pure.

It is an agent's word that makes it so (`qualified`, threatening), and the withdrawal of that word that ends it, after
a grace; else it ends by itself.
"""

from datetime import date, timedelta
from typing import Final

from guichet.case.legal_facts import standing
from guichet.contracts.legal_facts import StatedFact
from guichet.law.calendar import paris_date
from guichet.law.clocks.delay import Delay

GRACE: Final = timedelta(days=7)
"""From a correction to the end of what it ends: a click by mistake is seen by a colleague who is back on Monday, and
whoever withdraws a reason to write a better one says again meanwhile that it is a threat."""


def threat_said_on(facts: tuple[StatedFact, ...]) -> date | None:
    """Return the day in Paris on which the case was first said to be a threat, of the words that stand.

    None: the last that stands says otherwise. What was threatened was written before: from this day on more time runs
    than from the offence. Saying it once more gives it no more time.
    """
    told = [each for each in standing(facts) if each.nature is not None]
    if not told or told[-1].nature != "threatening":
        return None
    return next(paris_date(each.at) for each in told if each.nature == "threatening")


def kept_until(threat_said_on: date, kept_for: Delay) -> date:
    """Return the last day on which nothing of the case is destroyed. kept_for: the town's."""
    return kept_for.after(threat_said_on)


def is_evidence(facts: tuple[StatedFact, ...], kept_for: Delay, today: date) -> bool:
    """Say whether a case with these facts is kept today. today: in Paris."""
    said_on = threat_said_on(facts)
    return said_on is not None and today <= kept_until(said_on, kept_for)


def goes(facts: tuple[StatedFact, ...], kept_for: Delay, today: date) -> bool:
    """Say whether a case that owes its erasure is destroyed today: its time is over, or it is corrected for good.

    It is so once the GRACE is over since the last word about its nature, a withdrawal among them. today: in Paris.
    """
    if threat_said_on(facts) is not None:
        return not is_evidence(facts, kept_for, today)
    corrected_on = max((paris_date(each.at) for each in facts if _is_of_nature(each)), default=None)
    return corrected_on is None or today > corrected_on + GRACE


def _is_of_nature(fact: StatedFact) -> bool:
    return fact.nature is not None or (fact.what is not None and fact.what.nature is not None)
