"""Cases from before sealed views get the secret of their link, which was sent already, and their page under it.

Then every link's token was an HMAC of the case's id under the town's follow key. That token becomes the case's secret,
sealed in the case; `follow` becomes its lookup value. So the links that citizens hold lead where they led, and nobody
needs the follow key any more.
"""

import hmac
from collections.abc import Iterable
from typing import Any, Final

from pymongo import UpdateOne

from guichet.contracts.base import Sealed
from guichet.errors import SettingsError
from guichet.follow_pages.view_writer import ViewWriter
from guichet.ids import CaseId
from guichet.migrations.context import Document, MigrationContext, Steps
from guichet.mongo.bulk import find_all
from guichet.mongo.client import Database
from guichet.privacy.follow_link import SECRET_BYTES, FollowLink
from guichet.privacy.framed_bytes import framed
from guichet.store.cases.fields import LINK
from guichet.store.cases.followed import FollowedCase, followed, move_or_answer
from guichet.store.cases.history import MOVES_AND_ANSWERS
from guichet.store.follow_views.store import MongoFollowViews
from guichet.store.messages.store import MongoMessageStore
from guichet.vault.sealing import DataKey

_CHANGED_PAGES: Final = frozenset(
    {"CaseOpened", "CaseMoved", "CaseClosed", "CaseRerouted", "ReplyRequested", "LinkRenewed"}
)


async def run(context: MigrationContext, steps: Steps) -> None:
    """Bring every living case over. Raises TransientError, SettingsError where the follow key is missing."""
    cases = context.database["cases"]
    pages = ViewWriter(
        _FollowedCasesOfThen(context.database),
        MongoMessageStore(context.database),
        MongoFollowViews(context.database),
        context.vault,
        context.town,
    )
    async for batch in steps.batches("cases", cases, {"destroyed_at": {"$exists": False}}):
        if updates := await _updates(context, [case for case in batch if not case.get("link")]):
            await cases.bulk_write(updates, ordered=False)
        await pages.write([case["_id"] for case in batch])  # those of a batch that a kill cut short, too


class _FollowedCasesOfThen:
    """Followed cases whose history lies in the case, as it did before docs/decisions/0032."""

    def __init__(self, database: Database) -> None:
        self._cases = database["cases"]

    async def find_many(self, cases: Iterable[CaseId]) -> list[FollowedCase]:
        found = await find_all(self._cases, {"_id": {"$in": [*cases]}, "erasing": {"$ne": True}})
        return [_followed(case) for case in found]


def _followed(case: Document) -> FollowedCase:
    history = case.get("history", ())
    seen = max((entry["version"] for entry in history if entry["type"] in _CHANGED_PAGES), default=0)
    entries = [move_or_answer(entry) for entry in history if entry["type"] in MOVES_AND_ANSWERS]
    return followed({**case, "page_version": seen, "outbox": ()}, entries)


async def _updates(context: MigrationContext, cases: Iterable[Document]) -> list[UpdateOne]:
    """Return what each case is given. One whose key is gone is being erased, and its link with it."""
    sealed = {case["_id"]: Sealed.model_validate(case["subject"]) for case in cases if case.get("subject")}
    keys = await context.vault.open_keys(subject.key_id for subject in sealed.values())
    return [_update(context, case, keys[subject.key_id]) for case, subject in sealed.items() if subject.key_id in keys]


def _update(context: MigrationContext, case: CaseId, key: DataKey) -> UpdateOne:
    link = old_link(_follow_key(context), case)
    given: dict[str, Any] = {
        "link": LINK.seal(key, case, link).model_dump(),
        "follow": link.lookup,
    }
    return UpdateOne({"_id": case, "link": None}, {"$set": given})


def old_link(follow_key: bytes, case: CaseId) -> FollowLink:
    """Return the link that was sent for a case when one key made them all."""
    return FollowLink(hmac.digest(follow_key, framed("follow", case), "sha256")[:SECRET_BYTES])


def _follow_key(context: MigrationContext) -> bytes:
    if context.settings.follow_key is None:
        raise SettingsError(
            "GUICHET_FOLLOW_KEY is not set: without the key that made the links of this store's cases, citizens' links "
            "would lead nowhere. Give `guichet migrate` the key that router and notifier had; no service needs it."
        )
    return context.settings.follow_key.get_secret_value()
