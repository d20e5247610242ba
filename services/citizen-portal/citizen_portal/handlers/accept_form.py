"""A filled-in form becomes a message that cannot be lost any more."""

from collections.abc import Iterable
from datetime import datetime

from citizen_portal.domain.contact_form import ContactForm, SentFile
from guichet.channel.content_types import content_type_of
from guichet.channel.draft import Draft, DraftFile
from guichet.channel.edge import Edge
from guichet.channel.text import clean_file_name
from guichet.contracts.inbound import ChannelName
from guichet.contracts.topics import INBOUND_PORTAL
from guichet.ids import MessageId, derive_id
from guichet.privacy.normal_form import normalised_email
from guichet.privacy.pseudonyms import keyed_digest, message_id


async def accept_form(
    form: ContactForm,
    mark: str,
    received_at: datetime,
    *,
    edge: Edge,
    message_id_key: bytes,
    channel: ChannelName,
    account: str,
) -> MessageId:
    """Hand a form that has no errors to the edge; return once the broker has confirmed it. Raises TransientError.

    channel: that the form is, as the town's files call it. account: the mailbox that it is written to.

    The id covers the form's mark and everything it says: a double click is one message, and a text that was changed
    after an outage is a message of its own, because nobody knows whether the first one arrived.
    """
    said = derive_id(
        "form",
        mark,
        keyed_digest(message_id_key, form.content.model_dump_json().encode()),
        *digests(form.files, message_id_key),
    )
    draft = Draft(
        channel=channel,
        accounts=(account,),
        message_id=message_id(message_id_key, channel, account, said),
        content=form.content,
        received_at=received_at,
        sender_key_value=normalised_email(form.email) or form.email,
        files=drafted(form.files),
    )
    return await edge.accept(INBOUND_PORTAL, draft)


def digests(files: Iterable[SentFile], key: bytes) -> list[str]:
    """Return what tells files from others: of each its name and what it is."""
    return [keyed_digest(key, part) for file in files for part in (file.name.encode(), file.content)]


def drafted(files: Iterable[SentFile]) -> tuple[DraftFile, ...]:
    """Return files as a message carries them."""
    return tuple(_file(place, file.name, file.content) for place, file in enumerate(files, start=1))


def _file(place: int, name: str, content: bytes) -> DraftFile:
    clean = clean_file_name(name, f"fichier-{place}")
    return DraftFile(name=clean, content_type=content_type_of(clean), content=content)
