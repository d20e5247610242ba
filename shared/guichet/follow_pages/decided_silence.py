"""What a citizen's page says of silence that has decided (docs/law.md 20, 22). Pure."""

from guichet.case.legal_facts import is_decided_expressly, is_said_complete, standing
from guichet.store.cases.followed import FollowedCase
from guichet.store.follow_views.document import ShownSilence
from guichet.town import Town


def shown_silence(case: FollowedCase, town: Town) -> ShownSilence | None:
    """Return it; None: silence has decided nothing, or nobody says so yet.

    An acceptance is said once a person has confirmed that the file was complete: of one that was not, silence accepts
    nothing. A rejection is said with the delays and routes of appeal. Where a person has to look at the facts first, or
    has decided, be it late, nothing is.
    """
    due = case.due
    if due is None or due.decided is None or due.decided_on is None or due.is_doubted:
        return None
    if is_decided_expressly(case.facts):
        return None
    if due.decided == "accepts":
        return ShownSilence(means="accepts", on=due.decided_on) if is_said_complete(case.facts) else None
    confirmed = [each.procedure for each in standing(case.facts) if each.procedure is not None]
    procedure = town.procedures.get(confirmed[-1]) if confirmed else None
    remedies = town.remedies.words(procedure.remedies if procedure else None)
    return ShownSilence(means="rejects", on=due.decided_on, remedies={"fr": remedies.fr, "en": remedies.en})
