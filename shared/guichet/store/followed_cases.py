"""What the notifier reads of a case to write its page: no subject, no citizen, no agent leaves the database."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from pydantic import AwareDatetime, Field
from pymongo import IndexModel

from guichet.contracts.base import Contract, Sealed
from guichet.contracts.case_events import (
    CaseClosed,
    CaseMoved,
    CaseOpened,
    CaseRerouted,
    CaseState,
    LinkRenewed,
    ReplyRequested,
)
from guichet.ids import CaseId, DepartmentId, MessageId, Reference
from guichet.privacy.data_map import DataMapEntry
from guichet.store.case_document import CaseDocument
from guichet.store.client import Database, translate_errors

COLLECTION = "cases"
DATA_MAP: tuple[DataMapEntry, ...] = ()  # guichet.store.cases writes the collection and declares it
INDEXES: dict[str, list[IndexModel]] = {}
VISIBLE: Final = (CaseOpened, CaseMoved, CaseClosed, CaseRerouted, ReplyRequested, LinkRenewed)
"""The events that change what a page shows."""

_VISIBLE_TYPES: Final = frozenset(event.__name__ for event in VISIBLE)
_FIELDS = (
    *("reference", "received_at", "closed_at", "state", "department"),
    *("link", "follow", "link_renewed_at"),
    *("history.type", "history.version", "history.message_id", "history.department"),
)


class GivenAnswer(Contract):
    """An answer of the town. department: who had the case when it was given."""

    message_id: MessageId
    department: DepartmentId


class FollowedCase(Contract):
    """A case as far as its page needs it. answers: oldest first; never the receipt.

    version: the case's at the last event that changed its page: a delivery report raises the case's own, and a replay
    must find the page as it is. follow: the link's lookup value. link: its secret, sealed (None where `guichet migrate`
    has still to give one).
    """

    case_id: CaseId = Field(alias="_id")
    version: int
    reference: Reference
    received_at: AwareDatetime
    closed_at: AwareDatetime | None = None
    state: CaseState
    department: DepartmentId
    link: Sealed | None = None
    follow: str = ""
    link_renewed_at: AwareDatetime | None = None
    answers: tuple[GivenAnswer, ...] = ()


class FollowedCases(Protocol):
    """Cases whose pages are written."""

    async def find_many(self, cases: Iterable[CaseId]) -> list[FollowedCase]:
        """Return those that exist and are not under erasure. Raises TransientError when the store is away."""


class MongoFollowedCases:
    """The cases in MongoDB, reduced to what a page needs."""

    def __init__(self, database: Database) -> None:
        self._cases = database[COLLECTION]

    @translate_errors
    async def find_many(self, cases: Iterable[CaseId]) -> list[FollowedCase]:
        """See FollowedCases."""
        living = {"_id": {"$in": [*cases]}, "erasing": {"$ne": True}}
        found = await self._cases.find(living, dict.fromkeys(_FIELDS, 1), batch_size=10_000).to_list(None)
        return [
            FollowedCase.model_validate({**document, **_of_history(document.get("history", ()))}) for document in found
        ]


def followed(case: CaseDocument) -> FollowedCase:
    """Return what a page needs of a whole case."""
    history = [entry.model_dump() for entry in case.history]
    return FollowedCase.model_validate(case.model_dump(by_alias=True) | _of_history(history))


def _of_history(history: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    seen = [entry["version"] for entry in history if entry["type"] in _VISIBLE_TYPES]
    return {"version": max(seen, default=0), "answers": _answers(history)}


def _answers(history: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each answer with the department of its time: openings and re-routings name one."""
    answers, department = [], None
    for entry in history:
        department = entry.get("department") or department
        if entry["type"] == "ReplyRequested":
            answers.append({"message_id": entry["message_id"], "department": department or ""})
    return answers
