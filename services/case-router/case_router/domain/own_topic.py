"""Whether a record may be a message of the channel that it names. Pure (docs/decisions/0041).

The broker knows who writes on a topic, and not what: a host that brings in one channel could write another's name into
its records. So each channel's messages are believed on the topic alone that its facts name.
"""

from typing import Any

from guichet.contracts.base import Event
from guichet.contracts.channels import KnownChannels
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import Topic
from guichet.errors import ForgedError


def require_own_topic(event: Event, topic: Topic[Any], _signer: str | None, *, channels: KnownChannels) -> None:
    """Raise ForgedError for a message on another topic than its channel's. channels: those of former years, too."""
    if not isinstance(event, MessageReceived):
        return
    own = channels[event.channel].topic
    if topic.name != own:
        came = f"message {event.message_id} of channel {event.channel} came on {topic.name}"
        why = f"its own is {own}" if event.channel in channels else "nothing is known of that channel here"
        raise ForgedError(f"{came}; {why}", reason="wrong-topic")
