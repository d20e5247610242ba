"""What a third party's host gave up, as it hands it to the router. Everybody is invented."""

from datetime import datetime
from typing import Any

from guichet.contracts.base import Sealed
from guichet.contracts.dead_letters import DeadLetterContent, PayloadGivenUp, payload_letter_id_of
from guichet.contracts.inbound import ChannelName
from guichet.ids import EventId, derive_id
from guichet.kafka.dead_letters.content import RECORD
from guichet.vault.ports import KeySource
from guichet_testing.builders.case import ARRIVED


def a_given_up(
    name: str = "payload", provider: ChannelName = "pigeon", at: datetime = ARRIVED, **replaced: Any
) -> PayloadGivenUp:
    """Return the event of a payload that nobody can open."""
    fields: dict[str, Any] = {
        "event_id": given_up_id_of(name),
        "occurred_at": at,
        "provider": provider,
        "reason": "bug",
        "error": "KeyError",
        "record": Sealed(key_id=derive_id("test-key", name), box=b"?"),
    }
    return PayloadGivenUp.model_validate(fields | replaced)


async def sealed_given_up(
    keys: KeySource, name: str, content: DeadLetterContent, provider: ChannelName = "pigeon", **replaced: Any
) -> PayloadGivenUp:
    """Return the event of a payload, sealed for its letter."""
    [key] = await keys.new_keys(1)
    sealed = RECORD.seal(key, payload_letter_id_of(provider, given_up_id_of(name)), content)
    return a_given_up(name, provider, record=sealed, **replaced)


def given_up_id_of(name: str) -> EventId:
    """Return the event's id of a payload of that name."""
    return EventId(derive_id("test-given-up", name))
