"""Whether a record may be a message of the channel that it names, or a payload of the account. Pure (decision 0041).

The broker knows who writes on a topic, and not what: a host that brings in one channel could write another's name into
its records. So each channel's messages are believed on the topic alone that its facts name; and on the one that third
parties share, if the host of the channel's own account signed them. What such a host could not read is asked the same.
What an agent enters comes on the desk's, also where its author wrote it by an electronic channel (decision 0103).
"""

from typing import Any

from guichet.contracts.base import Event
from guichet.contracts.channels import KnownChannels
from guichet.contracts.dead_letters import PayloadGivenUp
from guichet.contracts.inbound import MessageReceived, host_of
from guichet.contracts.topics import INBOUND_DESK, Topic
from guichet.errors import ForgedError


def require_own_topic(event: Event, topic: Topic[Any], signer: str | None, *, channels: KnownChannels) -> None:
    """Raise ForgedError for what came on another topic than its channel's, or by another third party's host.

    signer: whose key signed it. channels: those of former years, too.
    """
    if isinstance(event, MessageReceived):
        _require_own_message(event, topic, signer, channels)
    elif isinstance(event, PayloadGivenUp):
        _require_own_payload(event, topic, signer, channels)


def _require_own_message(
    message: MessageReceived, topic: Topic[Any], signer: str | None, channels: KnownChannels
) -> None:
    facts, which = channels[message.channel], f"message {message.message_id} of channel {message.channel}"
    its_own = INBOUND_DESK.name if message.entered_by is not None and facts.is_electronic else facts.topic
    if topic.name != its_own:
        why = f"its own is {its_own}" if message.channel in channels else "nothing is known of that channel here"
        raise ForgedError(f"{which} came on {topic.name}; {why}", reason="wrong-topic")
    if (message.entered_by is not None) != (topic.name == INBOUND_DESK.name):
        raise ForgedError(
            f"{which} came on {topic.name}; what an agent takes down comes from the desk", reason="wrong-topic"
        )
    if topic.signed_by_hosts:
        _require_signer(which, signer, facts.host)


def _require_own_payload(
    payload: PayloadGivenUp, topic: Topic[Any], signer: str | None, channels: KnownChannels
) -> None:
    """Guichet's own hosts put theirs among the dead letters themselves."""
    which = f"payload {payload.event_id} of account {payload.provider}"
    its_own = {facts.topic for facts in channels.values() if facts.provider == payload.provider}
    if not topic.signed_by_hosts or topic.name not in its_own:
        raise ForgedError(f"{which} came on {topic.name}; no channel of that account does here", reason="wrong-topic")
    _require_signer(which, signer, host_of(payload.provider))


def _require_signer(which: str, signer: str | None, host: str) -> None:
    if signer != host:
        raise ForgedError(f"{which} is signed by {signer}, and not by {host}", reason="wrong-signature")
