"""A payload that no record carries lies whole in the object store, under its own key; its dead letter names both."""

from guichet.contracts.dead_letters import Aside
from guichet.errors import ErasedError
from guichet.ids import derive_id
from guichet.store.objects import PAYLOAD, ObjectStore
from guichet.vault.ports import KeyOpener, KeySource


async def keep_aside(payload: bytes, *, keys: KeySource, objects: ObjectStore) -> Aside:
    """Return where the payload lies now, sealed and durable. Raises TransientError."""
    (key,) = await keys.new_keys(1)
    object_id = derive_id("aside", key.key_id)
    await objects.put(object_id, PAYLOAD.seal(key, object_id, payload).box)
    return Aside(object_id=object_id, key_id=key.key_id, size_bytes=len(payload))


async def open_aside(aside: Aside, *, keys: KeyOpener, objects: ObjectStore) -> bytes:
    """Return the payload: personal. Raises ErasedError, TamperedError, TransientError, PermanentError (no object)."""
    key = (await keys.open_keys([aside.key_id])).get(aside.key_id)
    if key is None:
        raise ErasedError(f"object {aside.object_id} was erased")
    return PAYLOAD.open_box(key, aside.object_id, await objects.get(aside.object_id))
