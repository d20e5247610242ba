"""What no record carries.

A payload lies whole in the object store, under its own key, and its dead letter names both. A message whose words
outgrow a record keeps their beginning there and the whole of them in a file.
"""

from dataclasses import replace

from guichet.channel.draft import Draft, DraftFile
from guichet.contracts.dead_letters import Aside, aside_id_of
from guichet.contracts.inbound_content import InboundContent
from guichet.contracts.topics import MIB
from guichet.errors import ErasedError, PermanentError
from guichet.store.objects import PAYLOAD, ObjectStore
from guichet.vault.ports import KeyOpener, KeySource


async def keep_aside(payload: bytes, *, keys: KeySource, objects: ObjectStore) -> Aside:
    """Return where the payload lies now, sealed and durable. Raises TransientError."""
    (key,) = await keys.new_keys(1)
    object_id = aside_id_of(key.key_id)
    await objects.put(object_id, PAYLOAD.seal(key, object_id, payload).box)
    return Aside(object_id=object_id, key_id=key.key_id, size_bytes=len(payload))


async def open_aside(aside: Aside, *, keys: KeyOpener, objects: ObjectStore) -> bytes:
    """Return the payload: personal. Raises ErasedError, TamperedError, TransientError, PermanentError (no object)."""
    key = (await keys.open_keys([aside.key_id])).get(aside.key_id)
    if key is None:
        raise ErasedError(f"object {aside.object_id} was erased")
    return PAYLOAD.open_box(key, aside.object_id, await objects.get(aside.object_id))


CONTENT_BYTES = 2 * MIB  # as JSON; sealed and in base64 it is 2.7 MiB of a topic's 4
BEGINNING_BYTES = MIB // 4  # even if JSON writes each byte as \u0001, well below CONTENT_BYTES
WHOLE_TEXT = "message-complet.txt"
NOTE = f"\n\n[Message très long : la suite est dans le fichier joint {WHOLE_TEXT}.]"


def fit(draft: Draft) -> Draft:
    """Return a draft whose content fits into a record; nothing of it is lost.

    Raises PermanentError when something other than the text is too long.
    """
    if _size(draft.content) <= CONTENT_BYTES:
        return draft
    text = draft.content.text.encode()
    beginning = text[:BEGINNING_BYTES].decode(errors="ignore")
    content = draft.content.model_copy(update={"text": beginning + NOTE})
    if _size(content) > CONTENT_BYTES:
        raise PermanentError("headers or names outgrow a record", reason="oversize")
    return replace(draft, content=content, files=(*draft.files, DraftFile(WHOLE_TEXT, "text/plain", text)))


def _size(content: InboundContent) -> int:
    return len(content.model_dump_json().encode())
