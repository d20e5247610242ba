"""Whether a record may be a message of the channel that it names. Pure (docs/decisions/0041).

The broker knows who writes on a topic, and not what: a host that brings in one channel could write another's name into
its records. So each channel's messages are believed on the topic alone that its facts name; and on the one that third
parties share, if the host of the channel's own account signed them.
"""

from typing import Any

from guichet.contracts.base import Event
from guichet.contracts.channels import KnownChannels
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.topics import Topic
from guichet.errors import ForgedError


def require_own_topic(event: Event, topic: Topic[Any], signer: str | None, *, channels: KnownChannels) -> None:
    """Raise ForgedError for a message on another topic than its channel's, or of another third party's host.

    signer: whose key signed it. channels: those of former years, too.
    """
    if not isinstance(event, MessageReceived):
        return
    facts, which = channels[event.channel], f"message {event.message_id} of channel {event.channel}"
    if topic.name != facts.topic:
        why = f"its own is {facts.topic}" if event.channel in channels else "nothing is known of that channel here"
        raise ForgedError(f"{which} came on {topic.name}; {why}", reason="wrong-topic")
    if topic.signed_by_hosts and signer != facts.host:
        raise ForgedError(f"{which} is signed by {signer}, and not by {facts.host}", reason="wrong-signature")
