"""A citizen asks for a new link in place of one that has ended. Pure, but for the new link's randomness.

Whoever holds the ended link may be anybody by now, so the new one goes to an address that is surely the citizen's.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from case_router.case_changes import happened
from guichet.contracts.case_events import LinkRenewed
from guichet.contracts.citizen_commands import RenewLink
from guichet.errors import WrongProofError
from guichet.follow_pages.showing import link_ended
from guichet.ids import MessageId, SectorCitizenId
from guichet.privacy.follow_link import LINK_FIELD, FollowLink, new_follow_link
from guichet.privacy.sealing import DataKey, Thing, seal, unseal
from guichet.store.case_document import CaseDocument
from guichet.store.message_document import MessageDocument

ONCE_IN: Final = timedelta(days=1)  # each is a message to the citizen: whoever has a link must not send them many


def whose_sender_gets_it(
    case: CaseDocument, messages: Mapping[MessageId, MessageDocument], verified: Mapping[MessageId, SectorCitizenId]
) -> MessageId | None:
    """Return the message to whose sender a case's new link goes, or None where no address is surely the citizen's.

    Where answers go, if the registry knows that address, verified, as this citizen's and nobody else's. Otherwise where
    the case was opened: its first link went there, and has come back. Not to a machine: it was sent none.
    verified: whose the address is that an answer to a message goes to, where the registry is sure.
    """
    if case.citizen is not None and verified.get(case.last_inbound) == case.citizen:
        return case.last_inbound
    first = messages.get(case.opened_by)
    return first.message_id if first is not None and first.automatic is None else None


def renewed(
    case: CaseDocument, command: RenewLink, key: DataKey, lasts: timedelta, answers: MessageId | None
) -> CaseDocument:
    """Return the case with a new link; unchanged while its link lives, once more within a day, or with no address.

    key: the case's own. lasts: how long a link does, after closing or renewal. answers: see whose_sender_gets_it.
    Raises WrongProofError for a command of somebody who does not hold the case's link.
    """
    thing = Thing("case", case.case_id)
    if case.link is None or not FollowLink(unseal(key, thing, LINK_FIELD, case.link)).proves(
        command.event_id, command.proof
    ):
        raise WrongProofError(f"RenewLink {command.event_id}: made without the link of case {case.case_id}")
    at = command.occurred_at
    has_ended = link_ended(case.closed_at, case.link_renewed_at, lasts, at)
    if answers is None or not has_ended or _lately(case, command):
        return case
    link = new_follow_link()
    given = {"link": seal(key, thing, LINK_FIELD, link.secret), "follow": link.lookup, "link_renewed_at": at}
    return happened(case.model_copy(update=given), LinkRenewed, command.event_id, at, {}, answers=answers)


def _lately(case: CaseDocument, command: RenewLink) -> bool:
    return case.link_renewed_at is not None and command.occurred_at - case.link_renewed_at < ONCE_IN
