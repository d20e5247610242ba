"""What a payload says. Pure: no clock, no network, no log.

Source: TO TYPE, where the provider describes its payloads; captures of them are in tests/fixtures/.
"""

import json
from collections.abc import Callable
from typing import Final

from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from guichet.channel.content_types import known_content_type
from guichet.channel.date_of_receipt import date_of_receipt
from guichet.channel.draft import Draft, DraftFile
from guichet.channel.payload import Payload
from guichet.channel.text import clean_file_name, clean_text
from guichet.contracts.inbound import DateSource
from guichet.contracts.inbound_content import Identifier, InboundContent
from guichet.errors import PermanentError
from guichet.ids import MessageId

NAME: Final = "app-webhook"
KIND: Final = "app-webhook"  # of address, as the facts call it


class Said(BaseModel):
    """Base of what the provider sends: errors quote no citizen."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Person(Said):
    """Who wrote. id: the address that an answer goes to. TO TYPE: the provider's fields."""

    id: str = Field(min_length=1)
    name: str = ""


class File(Said):
    """A file that came along, in base64. TO TYPE: the provider's fields."""

    name: str
    type: str = ""
    content: Base64Bytes


class Message(Said):
    """One message. edits: the provider's id of the message that this one corrects. taken_at: when the provider took it.

    TO TYPE: the provider's fields.
    """

    id: str
    author: Person = Field(alias="from")
    text: str = ""
    files: tuple[File, ...] = ()
    edits: str | None = None
    taken_at: AwareDatetime | None = None


def parse(payload: Payload, *, account: str, name: Callable[[str], MessageId]) -> Draft | None:
    """Return what a citizen wrote; None for a notice that holds no message. Raises PermanentError.

    account: the town's; name: makes our id of the provider's. TO TYPE: the notices, where the provider sends any.
    """
    try:
        said = Message.model_validate_json(payload.body)
    except ValidationError as exc:
        raise PermanentError(f"{exc.error_count()} unreadable field(s)", reason="unreadable") from None
    return Draft(
        channel=NAME,
        accounts=(account,),
        message_id=name(said.id),
        edits=name(said.edits) if said.edits else None,
        content=InboundContent(
            sender=(Identifier(kind=KIND, value=said.author.id),),
            display_name=clean_text(said.author.name) or None,
            text=clean_text(said.text),
            conversation=said.author.id,
        ),
        received_at=payload.at,
        sender_key_value=said.author.id,
        files=tuple(_file(each) for each in said.files),
    ).dated(date_of_receipt(payload.at, said.taken_at, DateSource.PROVIDER))


def senders(payload: Payload) -> tuple[Identifier, ...]:
    """Return who sent a payload that nobody can read; none where that cannot be told. TO TYPE: the provider's field."""
    try:
        author = json.loads(payload.body)["from"]["id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()
    return (Identifier(kind=KIND, value=author),) if isinstance(author, str) and author else ()


def _file(file: File) -> DraftFile:
    return DraftFile(clean_file_name(file.name, "fichier"), known_content_type(file.type), file.content)
