"""What leaves by a channel on which the town may write in words of its own for so long after a citizen's last message
only: those words, one of its provider's approved templates, or nothing. Pure (docs/decisions/0111).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from guichet.case.record import CaseRecord
from guichet.channel.outgoing.letter import Template
from guichet.contracts.delivery import Purpose
from guichet.follow_pages.page_content import is_sensitive
from guichet.privacy.follow_link import FollowLink
from guichet.store.deliveries.document import ChangeKind, DeliveryDocument
from guichet.store.messages.document import OUTBOUND_CONTENT, MessageDocument
from guichet.town.policies import Templates
from notifier.domain.draft import Found
from notifier.domain.unfinished_letter import UnfinishedLetter
from notifier.domain.wording import Wording

ON_THE_WAY: Final = timedelta(minutes=5)
"""So much earlier than its provider a window is taken for over: a letter takes a while to reach it."""


def last_written_at(message: MessageDocument) -> datetime:
    """Return when a message was written, as its channel's provider knows it."""
    return message.received_at or message.at


def is_open(messages: Iterable[MessageDocument], window: timedelta, now: datetime) -> bool:
    """Say whether the town may still write freely to who wrote these."""
    return any(now < last_written_at(each) + window - ON_THE_WAY for each in messages)


def after_the_window(
    letter: UnfinishedLetter, delivery: DeliveryDocument, found: Found, wording: Wording
) -> UnfinishedLetter:
    """Return a letter as it is once its channel's window is over: with the town's template for it, else too late.

    Its own words remain: an attempt in doubt may have sent them.
    """
    case = found.case_of(delivery)
    template = _template(delivery, case, found, wording)
    if template is None:
        return replace(letter, is_late=True)
    return replace(letter, template=_filled(template, case, found.link_of(case), wording))


def _filled(template: str, case: CaseRecord, link: FollowLink, wording: Wording) -> Template:
    return Template(template, (case.reference, wording.follow_url(link)))


def _template(delivery: DeliveryDocument, case: CaseRecord, found: Found, wording: Wording) -> str | None:
    """Return the template for a letter whose whole the case's page shows; a template says no more than where that is.

    So none of an acknowledgement, whose mentions the law wants in it (docs/law.md 11), nor of an answer that the page
    hides or whose form it does not lead to, nor of a change that it does not name, or a step whose words it lacks.
    """
    of_town = wording.town.policy(delivery.channel).templates
    if delivery.purpose is Purpose.REPLY:
        return of_town.answer if _page_shows(delivery, case, found, wording) else None
    if delivery.purpose is Purpose.CHANGE:
        is_named = delivery.change is not None and delivery.change.kind in (ChangeKind.CLOSED, ChangeKind.REOPENED)
        return of_town.change if is_named else None
    return _of_receipt_or_link(delivery.purpose, of_town)


def _of_receipt_or_link(purpose: Purpose, of_town: Templates) -> str | None:
    return {Purpose.AEE: of_town.receipt, Purpose.LINK: of_town.link}.get(purpose)


def _page_shows(delivery: DeliveryDocument, case: CaseRecord, found: Found, wording: Wording) -> bool:
    asks = found.opened(delivery.outbound_id, OUTBOUND_CONTENT).question is not None
    return not (asks or delivery.in_parts or is_sensitive(case.department, wording.town))
