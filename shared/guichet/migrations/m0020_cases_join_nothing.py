"""Cases: participants' tags of their own, links sealed, tombstones that say the day and nothing of the request.

A tag of before is what stands for a person in memory now, so the case's own is made from it and nothing is opened.
Before and after are told by their form: a tag's length, a list where a sealed value stands now.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pymongo import UpdateOne

from guichet.ids import CaseId, KeyId, derive_id
from guichet.migrations.context import Document, MigrationContext, Steps
from guichet.privacy.coarse_times import day_of
from guichet.privacy.pseudonyms import ID_BYTES, participant_tag
from guichet.store.cases.fields import LINKED_CASES
from guichet.vault.sealing import DataKey

_OLD_TAG: Final = 2 * ID_BYTES  # hex digits


async def run(context: MigrationContext, steps: Steps) -> None:
    """Change every case once. Raises TransientError."""
    cases = context.database["cases"]
    async for batch in steps.batches("cases", cases):
        keys = await context.vault.open_keys(_keys_needed(batch))
        changes = [
            UpdateOne({"_id": each["_id"]}, change) for each in batch if (change := _change(each, keys, context))
        ]
        if changes:
            await cases.bulk_write(changes, ordered=False)


def _keys_needed(batch: Sequence[Document]) -> set[KeyId]:
    return {KeyId(each["subject"]["key_id"]) for each in batch if each.get("linked_to") and _is_old_link(each)}


def _change(case: Document, keys: Mapping[KeyId, DataKey], context: MigrationContext) -> Document:
    if "destroyed_at" in case:
        return _of_tombstone(case)
    thread_key = context.settings.thread_key.get_secret_value()
    changed: Document = {}
    if any(len(tag) == _OLD_TAG for tag in case.get("participants", ())):
        changed["participants"] = retagged(case["participants"], CaseId(case["_id"]), thread_key)
    if _is_old_link(case):
        changed["linked_to"] = _sealed_links(case, keys)
    if any("linked_to" in entry["event"] for entry in case.get("outbox", ())):
        changed["outbox"] = [{**entry, "event": _without_links(entry["event"])} for entry in case["outbox"]]
    return {"$set": changed} if changed else {}


def retagged(tags: Sequence[str], case: CaseId, thread_key: bytes) -> list[str]:
    """Return the case's own tags of the same people, those that it has already as they are. Pure."""
    return [participant_tag(thread_key, case, tag) if len(tag) == _OLD_TAG else tag for tag in tags]


def _is_old_link(case: Document) -> bool:
    return isinstance(case.get("linked_to"), list)


def _sealed_links(case: Document, keys: Mapping[KeyId, DataKey]) -> Document | None:
    """Seal a case's links under its key; without it (erased meanwhile) they are gone."""
    key = keys.get(case["subject"]["key_id"]) if case["linked_to"] and case.get("subject") else None
    return LINKED_CASES.seal(key, case["_id"], tuple(case["linked_to"])).model_dump() if key is not None else None


def _without_links(event: Mapping[str, Any]) -> Document:
    return {name: value for name, value in event.items() if name != "linked_to"}


def _of_tombstone(case: Document) -> Document:
    day, cause = day_of(case["destroyed_at"]), derive_id("destroyed", case["_id"])
    changed: Document = {"destroyed_at": day}
    if case.get("outbox"):
        told = {"caused_by": cause, "occurred_at": day.isoformat()}
        changed["outbox"] = [{"cause": cause, "event": entry["event"] | told} for entry in case["outbox"]]
    return {"$set": changed, "$unset": {"request_id": ""}}
