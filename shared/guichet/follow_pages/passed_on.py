"""To whom a request was passed on, as its citizen's page says it (docs/law.md 16, R6). Pure."""

from guichet.case.legal_facts import standing
from guichet.contracts.legal_facts import FactKind
from guichet.law.calendar import paris_date
from guichet.store.cases.followed import FollowedCase
from guichet.store.follow_views.document import ShownTransfer
from guichet.town import Town


def shown_transfer(case: FollowedCase, town: Town, *, names: bool) -> ShownTransfer | None:
    """Return to whom the request was passed on first, as the clocks have it; None: to nobody.

    names: the authority may be named. Of one that has left the town's directory the name is all that is known.
    """
    passed_on = next((each for each in standing(case.facts) if each.event is FactKind.TRANSFERRED), None)
    if passed_on is None or passed_on.to is None:
        return None
    shown, there = ShownTransfer(on=paris_date(passed_on.at)), town.authorities.get(passed_on.to)
    if not names:
        return shown
    ways = there.model_dump(mode="json", exclude={"name", "competent_for"}) if there else {}
    return shown.model_copy(update={"to": passed_on.to, **ways})
