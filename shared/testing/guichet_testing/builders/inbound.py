"""Messages as an adapter publishes them, sealed under keys that the given vault holds. Everybody is invented."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from guichet.contracts.base import Sealed
from guichet.contracts.inbound import MessageReceived
from guichet.contracts.inbound_content import MAIL_ADDRESS, PHONE_NUMBER, Identifier, InboundContent, MailThread
from guichet.ids import EventId, MessageId, derive_id
from guichet.vault.ports import KeySource
from guichet.vault.sealing import Thing
from guichet_testing.builders.case import ARRIVED
from guichet_testing.sealing import seal_model

CONTACT = "contact@mairie.example"
TOWN_NUMBER = "+33199001200"


async def sealed_message(
    keys: KeySource, name: str, content: InboundContent, at: datetime = ARRIVED, **replaced: Any
) -> MessageReceived:
    """Return the event of a message. name: its message id derives from it."""
    [key] = await keys.new_keys(1)
    sealed = seal_model(key, Thing("message", message_id_of(name)), "content", content)
    return a_message(name, at, content=sealed, **replaced)


def a_message(name: str = "message", at: datetime = ARRIVED, **replaced: Any) -> MessageReceived:
    """Return the event of a message that nobody can open."""
    fields: dict[str, Any] = {
        "event_id": EventId(derive_id("test-event", name, str(replaced.get("accounts")))),
        "occurred_at": at,
        "message_id": message_id_of(name),
        "channel": "email",
        "accounts": (CONTACT,),
        "received_at": at,
        "content": Sealed(key_id=derive_id("test-key", name), box=b"?"),
    }
    return MessageReceived.model_validate(fields | replaced)


def message_id_of(name: str) -> MessageId:
    """Return the id of a message of that name."""
    return MessageId(derive_id("test-message", name))


def mail_content(
    sender: str,
    *,
    message_id: str | None,
    in_reply_to: Sequence[str] = (),
    references: Sequence[str] = (),
    to: Sequence[str] = (CONTACT,),
    **replaced: Any,
) -> InboundContent:
    """Return what a mail says. to: everybody addressed, To and Cc. reply_to: where an answer shall go instead."""
    authenticated, reply_to = replaced.pop("authenticated", None), replaced.pop("reply_to", None)
    addresses = (reply_to, sender) if reply_to else (sender,)
    thread = MailThread(
        message_id=message_id,
        in_reply_to=tuple(in_reply_to),
        references=tuple(references),
        to_addresses=tuple(to),
        authenticated=authenticated,
    )
    fields: dict[str, Any] = {
        "sender": tuple(Identifier(kind=MAIL_ADDRESS, value=each) for each in addresses),
        "subject": "Question",
        "text": "Bonjour, une question.",
        "thread": thread,
    }
    return InboundContent.model_validate(fields | replaced)


def sms_content(sender: str, text: str = "Bonjour", **replaced: Any) -> InboundContent:
    """Return what an SMS says. sender: E.164."""
    fields: dict[str, Any] = {
        "sender": (Identifier(kind=PHONE_NUMBER, value=sender),),
        "text": text,
        "conversation": sender,
    }
    return InboundContent.model_validate(fields | replaced)
