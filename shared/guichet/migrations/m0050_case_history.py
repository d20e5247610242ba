"""The history of cases leaves them for a collection of its own; what lists and decisions need of it stays in the case.

MongoDB does it itself, document by document: no history, which may be of 16 MB, comes here. First all entries of a
batch are copied, then its cases give them up, so that a kill anywhere leaves each entry in one place at least.
"""

from collections.abc import Sequence
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorCollection

from guichet.migrations.context import Document, MigrationContext, Steps

_HISTORY: Final = "case_history"
_SPOKEN: Final = ("CaseOpened", "MessageFiled", "ReplyRequested")
_CHANGE_PAGES: Final = ("CaseOpened", "CaseMoved", "CaseClosed", "CaseRerouted", "ReplyRequested", "LinkRenewed")


async def run(context: MigrationContext, steps: Steps) -> None:
    """Move every history. Raises TransientError."""
    cases = context.database["cases"]
    async for batch in steps.batches("cases", cases, {"history": {"$exists": True}}, fields=()):
        those = [each["_id"] for each in batch]
        await _copy(cases, those)
        await cases.update_many({"_id": {"$in": those}, "history": {"$exists": True}}, _summed_up())


async def _copy(cases: AsyncIOMotorCollection[Document], those: Sequence[str]) -> None:
    version = {"$toString": "$history.version"}
    named = {"_id": {"$concat": ["$_id", ".", version]}, "case_id": "$_id"}
    copied: list[Document] = [
        {"$match": {"_id": {"$in": [*those]}}},
        {"$unwind": "$history"},
        {"$replaceWith": {"$mergeObjects": ["$history", named]}},
        {"$merge": {"into": _HISTORY, "whenMatched": "keepExisting", "whenNotMatched": "insert"}},
    ]
    await cases.aggregate(copied).to_list(None)


def _summed_up() -> list[Document]:
    """Return the update that leaves in a case what is asked of it often, as the router would have kept it."""
    acted = {"$setDifference": [{"$setUnion": [{"$ifNull": ["$history.by", []]}, []]}, [None]]}
    lifted_elsewhere = {"$and": [_is("CommandRefused"), {"$eq": ["$$this.state", "not-declared"]}]}
    acts = {"$and": [_has("by"), {"$not": _is("CommandRefused")}]}
    kept = {
        "last_spoken_at": {"$ifNull": [{"$max": _each("at", _is(*_SPOKEN))}, "$received_at"]},
        "page_version": {"$ifNull": [{"$max": _each("version", _is(*_CHANGE_PAGES))}, 0]},
        "taken_up_by": acted,
        "has_news": _last_is(_is("MessageFiled"), among={"$or": [_is("MessageFiled"), acts]}),
        "abuse_lifted": _last_is(
            {"$not": _is("AbuseDeclared")}, among={"$or": [_is("AbuseDeclared", "AbuseLifted"), lifted_elsewhere]}
        ),
    }
    return [{"$set": kept}, {"$unset": "history"}]


def _is(*types: str) -> Document:
    return {"$in": ["$$this.type", [*types]]}


def _has(name: str) -> Document:
    return {"$gt": [f"$$this.{name}", None]}


def _among(condition: Document) -> Document:
    return {"$filter": {"input": "$history", "as": "this", "cond": condition}}


def _each(name: str, condition: Document) -> Document:
    return {"$map": {"input": _among(condition), "as": "this", "in": f"$$this.{name}"}}


def _last_is(condition: Document, *, among: Document) -> Document:
    """Whether the last entry of some kind fulfils a condition; false where there is none."""
    last: dict[str, Any] = {"$slice": [_among(among), -1]}
    return {"$anyElementTrue": {"$map": {"input": last, "as": "this", "in": condition}}}
