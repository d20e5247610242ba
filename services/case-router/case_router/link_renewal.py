"""A citizen asks for a new link in place of one that has ended. Pure, but for the new link's randomness."""

from datetime import timedelta
from typing import Final

from case_router.case_changes import happened
from guichet.contracts.case_events import LinkRenewed
from guichet.contracts.citizen_commands import RenewLink
from guichet.errors import WrongProofError
from guichet.follow_pages.showing import link_ended
from guichet.privacy.follow_link import LINK_FIELD, FollowLink, new_follow_link
from guichet.privacy.sealing import DataKey, Thing, seal, unseal
from guichet.store.case_document import CaseDocument

ONCE_IN: Final = timedelta(days=1)  # each is a message to the citizen: whoever has a link must not send them many


def renewed(case: CaseDocument, command: RenewLink, key: DataKey, lasts: timedelta) -> CaseDocument:
    """Return the case with a new link; unchanged while its link lives, or once more within a day.

    key: the case's own. lasts: how long a link does, after closing or renewal.
    Raises WrongProofError for a command of somebody who does not hold the case's link.
    """
    thing = Thing("case", case.case_id)
    if case.link is None or not FollowLink(unseal(key, thing, LINK_FIELD, case.link)).proves(
        command.event_id, command.proof
    ):
        raise WrongProofError(f"RenewLink {command.event_id}: made without the link of case {case.case_id}")
    at = command.occurred_at
    if not link_ended(case.closed_at, case.link_renewed_at, lasts, at) or _lately(case, command):
        return case
    link = new_follow_link()
    given = {"link": seal(key, thing, LINK_FIELD, link.secret), "follow": link.lookup, "link_renewed_at": at}
    return happened(case.model_copy(update=given), LinkRenewed, command.event_id, at, {})


def _lately(case: CaseDocument, command: RenewLink) -> bool:
    return case.link_renewed_at is not None and command.occurred_at - case.link_renewed_at < ONCE_IN
