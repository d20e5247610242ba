"""The collection of sealed views: written by the notifier, read by the portal, which can open none by itself."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol

from pymongo import ASCENDING, IndexModel, ReplaceOne

from guichet.ids import CaseId, MessageId
from guichet.mongo.bulk import insert_new
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import PUBLIC_TASK, Belonging, Bond, DataMapEntry, Erasure, Form, PersonalField
from guichet.privacy.data_map.retention import Executor, KeptFor, Owner, Phrase, WithIts, days
from guichet.store.follow_views.document import FollowView

COLLECTION = "follow_views"
INDEXES: dict[str, list[IndexModel]] = {
    COLLECTION: [
        IndexModel([("case_id", ASCENDING)], name="by_case"),
        IndexModel([("answers", ASCENDING)], name="by_answer", partialFilterExpression={"answers": {"$gt": ""}}),
        IndexModel(
            [("expires_at", ASCENDING)],
            name="ending",
            partialFilterExpression={"expires_at": {"$exists": True}, "box": {"$exists": True}},
        ),
    ]
}
DATA_MAP: tuple[DataMapEntry, ...] = (
    DataMapEntry(
        place="collection",
        name=COLLECTION,
        purpose="show a citizen where their request stands, and ask back by a form, through secret links",
        legal_basis=PUBLIC_TASK,
        whose="citizens who write to the town",
        retention=(
            WithIts(owner=Owner.CASE),
            KeptFor(
                what=Phrase("the page", "la page"),
                period=days(90),
                since=Phrase("closing", "la clôture"),
                because=Phrase(
                    "the town may say another time: `follow_links_last`",
                    "la collectivité peut fixer un autre délai : `follow_links_last`",
                ),
                by=Executor.ENDED_LINKS,
            ),
        ),
        on_erasure=Erasure.DELETED,
        fields=(
            PersonalField("_id", Form.PSEUDONYM, "the lookup value of the link, as in the case, or of a question's"),
            PersonalField("case_id", Form.PSEUDONYM, "the case"),
            PersonalField("answers", Form.PSEUDONYM, "ids of the answers that it shows, or of the letter that asks"),
            PersonalField(
                "box",
                Form.PSEUDONYM,
                "the page under a key that follows from the link's secret, sealed in the case alone, or in the letter "
                "that asks, and the page that leads to it: without the link, or that key, it is noise",
            ),
        ),
        belongs=(Belonging(Bond.CASE, "case_id"), Belonging(Bond.MESSAGE, "answers")),
    ),
)


class FollowViews(Protocol):
    """Views. Every method works in bulk and raises TransientError."""

    async def find(self, lookup: str) -> FollowView | None:
        """Return the view of a link; None where there is none, or its case is under erasure."""

    async def put(self, views: Sequence[FollowView]) -> None:
        """Keep views, each in place of an older version of itself, or of the same that was withdrawn.

        An older one than what is kept changes nothing.
        """

    async def withdraw(self, cases: Collection[CaseId]) -> None:
        """Take the page out of the views of these cases, whatever their version."""

    async def remove(self, cases: Collection[CaseId]) -> None:
        """Delete every view of these cases."""

    async def remove_former(self, case: CaseId, link: str) -> None:
        """Delete the pages of a case's links that were replaced by this one; the forms of its questions stay."""

    async def remove_questions(self, letters: Collection[MessageId]) -> None:
        """Delete the forms that these letters ask by."""

    async def end(self, now: datetime) -> int:
        """Take the page out of views whose link has ended; return of how many."""


class MongoFollowViews(FollowViews):
    """The views in MongoDB."""

    def __init__(self, database: Database) -> None:
        self._views = database[COLLECTION]

    @translate_errors
    async def find(self, lookup: str) -> FollowView | None:
        document = await self._views.find_one({"_id": lookup, "erasing": {"$ne": True}})
        return None if document is None else FollowView.model_validate(document)

    @translate_errors
    async def put(self, views: Sequence[FollowView]) -> None:
        """New cases are the most, so everything is inserted first."""
        there = await insert_new(self._views, [_document(view) for view in views])
        newer = [_in_place_of_an_older(views[error["index"]]) for error in there]
        if newer:
            await self._views.bulk_write(newer, ordered=False)

    @translate_errors
    async def withdraw(self, cases: Collection[CaseId]) -> None:
        withdrawn = {"$unset": {"box": "", "expires_at": ""}, "$set": {"answers": [], "withdrawn": True}}
        await self._views.update_many({"case_id": {"$in": [*cases]}}, withdrawn)

    @translate_errors
    async def remove(self, cases: Collection[CaseId]) -> None:
        await self._views.delete_many({"case_id": {"$in": [*cases]}})

    @translate_errors
    async def remove_former(self, case: CaseId, link: str) -> None:
        await self._views.delete_many({"case_id": case, "_id": {"$ne": link}, "is_question": {"$ne": True}})

    @translate_errors
    async def remove_questions(self, letters: Collection[MessageId]) -> None:
        """The answers are bound from below, as the index of them is."""
        theirs = {"answers": {"$in": [*letters], "$gt": ""}, "is_question": True}
        await self._views.delete_many(theirs)

    @translate_errors
    async def end(self, now: datetime) -> int:
        ended = {"expires_at": {"$lte": now}, "box": {"$exists": True}}
        done = await self._views.update_many(ended, {"$unset": {"box": ""}, "$set": {"answers": []}})
        return done.modified_count


def _document(view: FollowView) -> dict[str, Any]:
    """Leave out what is not there, so that the small index holds what still has to end and nothing else."""
    return view.model_dump(by_alias=True, exclude_none=True)


def _in_place_of_an_older(view: FollowView) -> ReplaceOne[dict[str, Any]]:
    is_older = [{"version": {"$lt": view.version}}, {"version": view.version, "withdrawn": True}]
    return ReplaceOne({"_id": view.lookup, "$or": is_older, "erasing": {"$ne": True}}, _document(view))
