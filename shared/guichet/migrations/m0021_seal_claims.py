"""Anchors: claims sealed for their anchor, and anchors of messages without a Message-ID keyed.

An anchor that gets another id is written under the new one before the old one goes: who is killed between does both
again.
"""

from pymongo import DeleteOne, ReplaceOne

from guichet.contracts.base import Contract
from guichet.ids import AnchorId, CaseId, MessageId, derive_id
from guichet.migrations.context import Document, MigrationContext, Steps
from guichet.migrations.m0020_cases_join_nothing import retagged
from guichet.privacy.pseudonyms import own_anchor
from guichet.store.threads.claim import Claim
from guichet.store.threads.sealed_claim import ClaimSealing


class _OldClaim(Contract):
    """A claim as it lay in clear."""

    case_id: CaseId
    claimed_by: MessageId
    quoted_by: str | None = None


async def run(context: MigrationContext, steps: Steps) -> None:
    """Change every anchor once. Raises TransientError."""
    threads = context.database["threads"]
    thread_key = context.settings.thread_key.get_secret_value()
    sealing = ClaimSealing(thread_key, context.settings.registry_key.get_secret_value())
    async for batch in steps.batches("threads", threads, {"claims.case_id": {"$exists": True}}):
        changed = [(each, sealed_thread(each, sealing, thread_key)) for each in batch]
        writes = [ReplaceOne({"_id": new["_id"]}, new, upsert=True) for _, new in changed]
        await threads.bulk_write(writes, ordered=False)
        if moved := [DeleteOne({"_id": old["_id"]}) for old, new in changed if old["_id"] != new["_id"]]:
            await threads.bulk_write(moved, ordered=False)


def sealed_thread(thread: Document, sealing: ClaimSealing, thread_key: bytes) -> Document:
    """Return an anchor as it rests now. Pure but for the nonces."""
    old = [_OldClaim.model_validate(each) for each in thread["claims"]]
    anchor = _anchor(thread["_id"], [each.claimed_by for each in old], thread_key)
    claims = [sealing.seal(anchor, _claim(each, thread_key)) for each in old]
    return {"_id": anchor, "version": thread["version"], "claims": claims}


def _anchor(name: str, claimed_by: list[MessageId], thread_key: bytes) -> AnchorId:
    own = next((message for message in claimed_by if name == derive_id("own-anchor", message)), None)
    return AnchorId(name) if own is None else own_anchor(thread_key, own)


def _claim(old: _OldClaim, thread_key: bytes) -> Claim:
    quoted_by = retagged([old.quoted_by], old.case_id, thread_key)[0] if old.quoted_by is not None else None
    return Claim(case_id=old.case_id, claimed_by=old.claimed_by, quoted_by=quoted_by)
