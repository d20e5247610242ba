"""Whether a case is kept as evidence of a threat, and until when (docs/law.md 68). Pure.

It is an agent's word that makes it so (`qualified`, threatening), and the withdrawal of that word that ends it; else it
ends by itself.
"""

from datetime import date

from guichet.case.legal_facts import standing
from guichet.contracts.legal_facts import StatedFact
from guichet.law.calendar import paris_date
from guichet.law.clocks.delay import Delay


def threat_said_on(facts: tuple[StatedFact, ...]) -> date | None:
    """Return the day in Paris on which the case was said to be a threat; None: the last that stands says otherwise.

    What was threatened was written before: from this day on more time runs than from the offence.
    """
    told = [each for each in standing(facts) if each.nature is not None]
    return paris_date(told[-1].at) if told and told[-1].nature == "threatening" else None


def kept_until(threat_said_on: date, kept_for: Delay) -> date:
    """Return the last day on which nothing of the case is destroyed. kept_for: the town's."""
    return kept_for.after(threat_said_on)


def is_evidence(facts: tuple[StatedFact, ...], kept_for: Delay, today: date) -> bool:
    """Say whether a case with these facts is kept today. today: in Paris."""
    said_on = threat_said_on(facts)
    return said_on is not None and today <= kept_until(said_on, kept_for)
