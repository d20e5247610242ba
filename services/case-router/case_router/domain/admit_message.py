"""Whether a message can have come as it says, and how far its host is believed. Pure.

A host may write on its topic without passing the edge, so what the edge asks is asked again. Of its date of receipt,
Guichet's own hosts have asked guichet.channel.date_of_receipt. A third party's host writes both times itself: by a date
of months ago, a delay that never began would have run out. So no more than what an outage explains is taken on its
word, by the router's own clock, and the agent sees that (docs/law.md 15, docs/decisions/0044).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from guichet.contracts.inbound import (
    ChannelName,
    DateDoubt,
    DateSource,
    MessageReceived,
    require_possible_arrival,
    require_possible_files,
    require_possible_ids,
    require_received_by_arrival,
)

LONGEST_OUTAGE: Final = timedelta(days=30)  # shorter than any silence that decides (docs/law.md 19, 24)


def admitted(event: MessageReceived, now: datetime, of_other_packages: Collection[ChannelName]) -> MessageReceived:
    """Return a message as far as its host is believed. Raises PermanentError for one that cannot have come so.

    now: aware, by the router's clock. of_other_packages: channels of third parties.
    """
    require_possible_ids(event.event_id, event.message_id, *(() if event.edits is None else (event.edits,)))
    require_possible_arrival(event.accounts, now, event.received_at, event.at_our_edge, event.occurred_at)
    require_received_by_arrival(event.received_at, event.at_our_edge)
    ids = (event.content.key_id, *(each.attachment_id for each in event.attachments))
    require_possible_files(len(event.attachments), ids)
    by_its_host = event.channel in of_other_packages and event.entered_by is None
    return _as_believed(event, now) if by_its_host else event


def _as_believed(message: MessageReceived, now: datetime) -> MessageReceived:
    since = now - LONGEST_OUTAGE
    if message.received_at >= since:
        return message
    return message.model_copy(
        update={
            "received_at": max(message.at_our_edge, since),
            "dated_by": DateSource.EDGE,
            "date_doubt": DateDoubt.TOO_LONG_AGO,
        }
    )
