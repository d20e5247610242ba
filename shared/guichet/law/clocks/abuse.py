"""Whether a sender's messages stand declared abusive (docs/law.md 13). Pure."""

from datetime import date

from guichet.law.clocks.facts import AbuseDeclared, AbuseLifted
from guichet.law.clocks.known_facts import KnownFacts


def abusive_since(history: KnownFacts) -> date | None:
    """Return the day of the declaration that stands; None: none does. At one moment who lifts it is heard."""
    lifted = max((fact.at for fact in history.all(AbuseLifted)), default=None)
    declared = (fact for fact in history.all(AbuseDeclared) if lifted is None or fact.at > lifted)
    return next((fact.on for fact in declared), None)
