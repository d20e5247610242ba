"""What a citizen may see of a case through the receipt's link. The link's token is the permission; there is no other.

Only the fields named here leave the database: no department, no agent, no citizen, no subject.
"""

from typing import Any, Protocol

from pydantic import AwareDatetime, Field
from pymongo import IndexModel

from guichet.contracts.base import Contract
from guichet.contracts.case_events import CaseState
from guichet.ids import CaseId, MessageId, Reference
from guichet.privacy.data_map import DataMapEntry
from guichet.store.case_document import CaseDocument
from guichet.store.client import Database, translate_errors

COLLECTION = "cases"
DATA_MAP: tuple[DataMapEntry, ...] = ()  # guichet.store.cases writes the collection and declares it
INDEXES: dict[str, list[IndexModel]] = {}
_FIELDS = ("reference", "received_at", "state", "history.type", "history.message_id")


class FollowedCase(Contract):
    """A case as its citizen follows it. answers: the town's answers, oldest first; never the receipt."""

    case_id: CaseId = Field(alias="_id")
    reference: Reference
    received_at: AwareDatetime
    state: CaseState
    answers: tuple[MessageId, ...] = ()


class FollowedCases(Protocol):
    """Cases by their follow link."""

    async def find(self, follow: str) -> FollowedCase | None:
        """Return the case whose token has this HMAC; None when there is none, or it is under erasure or destroyed.

        Raises TransientError when the store is away.
        """


class MongoFollowedCases:
    """The cases in MongoDB, reduced to what a citizen sees."""

    def __init__(self, database: Database) -> None:
        self._cases = database[COLLECTION]

    @translate_errors
    async def find(self, follow: str) -> FollowedCase | None:
        """See FollowedCases."""
        document = await self._cases.find_one({"follow": follow, "erasing": {"$ne": True}}, dict.fromkeys(_FIELDS, 1))
        if document is None:
            return None
        return FollowedCase.model_validate({**document, "answers": _answers(document.get("history", ()))})


def followed(case: CaseDocument) -> FollowedCase:
    """Return what the citizen sees of a whole case."""
    return FollowedCase.model_validate(
        {
            "_id": case.case_id,
            "reference": case.reference,
            "received_at": case.received_at,
            "state": case.state,
            "answers": _answers([entry.model_dump() for entry in case.history]),
        }
    )


def _answers(history: list[dict[str, Any]]) -> tuple[MessageId, ...]:
    return tuple(entry["message_id"] for entry in history if entry["type"] == "ReplyRequested")
