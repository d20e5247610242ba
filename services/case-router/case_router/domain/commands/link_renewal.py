"""A citizen asks for a new link in place of one that has ended. Pure, but for the new link's randomness.

Whoever holds the ended link may be anybody by now, so the new one goes to an address that is surely the citizen's.

A link that was tampered with in the case proves nothing any more. Its renewal is taken on the portal's word, which
found a page under it: all that comes of it is a message to that address, and an end of what could not be shown.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from guichet.case.case import Case
from guichet.case.record import CaseRecord
from guichet.contracts.citizen_commands import RenewLink, renewal_id
from guichet.errors import TamperedError, WrongProofError
from guichet.follow_pages.page_content import link_ended
from guichet.ids import MessageId, SectorCitizenId
from guichet.privacy.follow_link import new_follow_link
from guichet.store.cases.fields import LINK
from guichet.store.messages.document import MessageDocument
from guichet.vault.sealing import DataKey

ONCE_IN: Final = timedelta(days=1)  # each is a message to the citizen: whoever has a link must not send them many


def whose_sender_gets_it(
    case: CaseRecord, messages: Mapping[MessageId, MessageDocument], verified: Mapping[MessageId, SectorCitizenId]
) -> MessageId | None:
    """Return the message to whose sender a case's new link goes, or None where no address is surely the citizen's.

    Where answers go, if the registry knows that address, verified, as this citizen's and nobody else's. Otherwise where
    the case was opened: its first link went there, and has come back. Not to a machine: it was sent none.
    verified: whose the address is that an answer to a message goes to, where the registry is sure.
    """
    if case.citizen is not None and verified.get(case.answered_at) == case.citizen:
        return case.answered_at
    first = messages.get(case.opened_by)
    return first.message_id if first is not None and first.automatic is None else None


def renew(case: Case, command: RenewLink, key: DataKey, lasts: timedelta, answers: MessageId | None) -> None:
    """Give the case a new link, unless its link lives, it had one within a day, or no address is surely the citizen's.

    Not either where the case's key is broken: no link can rest in it any more, and the alarm is raised.
    key: the case's own. lasts: how long a link does, after closing or renewal. answers: see whose_sender_gets_it.
    Raises WrongProofError for a command of somebody who does not hold the case's link, KeyMissingError where today's
    vault does not hold its key: the command waits, as a dead letter, for the vault that does.
    """
    leads_on = _leads_on(case.record, command, key, lasts)
    if answers is None or leads_on or _lately(case.record, command.occurred_at):
        return
    link = new_follow_link()
    try:
        sealed = LINK.seal(key, command.case_id, link)
    except TamperedError:
        return
    case.renew_link(command, sealed, link.lookup, answers)


def _leads_on(case: CaseRecord, command: RenewLink, key: DataKey, lasts: timedelta) -> bool:
    """Say whether the case's link still leads to its page. Raises WrongProofError."""
    try:
        link = LINK.open(key, case.case_id, case.link) if case.link else None
    except TamperedError:
        proven, leads_on = command.event_id == renewal_id(case.follow), False
    else:
        proven = link is not None and link.proves(command.event_id, command.proof)
        leads_on = not link_ended(case.closed_at, case.link_renewed_at, lasts, command.occurred_at)
    if not proven:
        raise WrongProofError(f"RenewLink {command.event_id}: made without the link of case {case.case_id}")
    return leads_on


def _lately(case: CaseRecord, at: datetime) -> bool:
    return case.link_renewed_at is not None and at - case.link_renewed_at < ONCE_IN
