"""How long a conversation is about one case: SMS and chats have no subject. Pure."""

from datetime import datetime

from guichet.case.record import CaseRecord
from guichet.town.policies import ChannelPolicy


def is_still_warm(case: CaseRecord, at: datetime, policy: ChannelPolicy) -> bool:
    """True when the conversation about the case has not been silent for longer than the channel's window."""
    return at - (case.last_spoken_at or case.received_at) <= policy.idle_window
