"""What the notifier reads of a case to write its page: no subject, no citizen, no agent leaves the database."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from pydantic import AwareDatetime, Field
from pymongo import IndexModel

from guichet.case.record import CaseDue
from guichet.contracts.base import Contract, Sealed
from guichet.contracts.case_events import CaseState
from guichet.contracts.legal_facts import StatedFact
from guichet.contracts.workflow import Workflow
from guichet.ids import CaseId, DepartmentId, MessageId, Reference
from guichet.mongo.bulk import find_all
from guichet.mongo.client import Database, translate_errors
from guichet.privacy.data_map.entry import DataMapEntry
from guichet.store.cases.history import BY_TYPE, MOVES, MOVES_AND_ANSWERS
from guichet.store.cases.history import COLLECTION as HISTORY

COLLECTION = "cases"
DATA_MAP: tuple[DataMapEntry, ...] = ()  # guichet.store.cases.store writes the collection and declares it
INDEXES: dict[str, list[IndexModel]] = {}

_FIELDS = (
    *("reference", "received_at", "closed_at", "state", "department"),
    *("link", "follow", "link_renewed_at", "page_version"),
    *("facts", "due", "answered_questions"),
    *("workflow.frozen", "workflow.by_hand", "workflow.done.task"),
    *("outbox.event.type", "outbox.event.version", "outbox.event.outbound_id", "outbox.event.department"),
)
_OF_HISTORY = ("case_id", "type", "version", "message_id", "department")


class GivenAnswer(Contract):
    """An answer of the town. department: who had the case when it was given."""

    message_id: MessageId
    department: DepartmentId


class FollowedTask(Contract):
    """A task that is done, by whomever."""

    task: str


class FollowedWorkflow(Contract):
    """The steps that a case goes through, as far as its page needs them (guichet.case.record.CaseWorkflow)."""

    frozen: Workflow
    by_hand: bool = False
    done: tuple[FollowedTask, ...] = ()


class FollowedCase(Contract):
    """A case as far as its page needs it. answers: oldest first; never the receipt. departments: all that ever had it.

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
    departments: tuple[DepartmentId, ...] = ()
    facts: tuple[StatedFact, ...] = ()
    due: CaseDue | None = None
    answered_questions: tuple[MessageId, ...] = ()
    workflow: FollowedWorkflow | None = None


class FollowedCases(Protocol):
    """Cases whose pages are written."""

    async def find_many(self, cases: Iterable[CaseId]) -> list[FollowedCase]:
        """Return those that exist and are not under erasure. Raises TransientError when the store is away."""


class MongoFollowedCases(FollowedCases):
    """The cases in MongoDB, reduced to what a page needs."""

    def __init__(self, database: Database) -> None:
        self._cases = database[COLLECTION]
        self._history = database[HISTORY]

    @translate_errors
    async def find_many(self, cases: Iterable[CaseId]) -> list[FollowedCase]:
        living = {"_id": {"$in": [*cases]}, "erasing": {"$ne": True}}
        found = await find_all(self._cases, living, _FIELDS)
        asked = {"case_id": {"$in": [case["_id"] for case in found]}, "type": {"$in": [*MOVES_AND_ANSWERS]}}
        copied: dict[CaseId, list[MoveOrAnswer]] = defaultdict(list)
        for entry in await find_all(self._history, asked, _OF_HISTORY, index=BY_TYPE) if found else []:
            copied[entry["case_id"]].append(move_or_answer(entry))
        return [followed(case, copied[case["_id"]]) for case in found]


class MoveOrAnswer(NamedTuple):
    """A line of a case's history that says who had the case, or what was answered (MOVES_AND_ANSWERS)."""

    version: int
    message_id: MessageId | None
    department: DepartmentId | None


def move_or_answer(entry: Mapping[str, Any]) -> MoveOrAnswer:
    """Return what a page needs of an entry of the history."""
    return MoveOrAnswer(entry["version"], entry.get("message_id"), entry.get("department"))


def followed(case: Mapping[str, Any], copied: Iterable[MoveOrAnswer]) -> FollowedCase:
    """Return what a page needs of a case as it rests. copied: of its history, read after the case was."""
    waiting = (entry["event"] for entry in case.get("outbox", ()))
    entries = [_waiting(event) for event in waiting if event.get("type") in MOVES_AND_ANSWERS]
    told = {entry.version: entry for entry in (*entries, *copied)}
    moves = (told[version].department for version in sorted(told))
    departments = (*dict.fromkeys(each for each in (*moves, case["department"]) if each is not None),)
    of_history = {"answers": _answers(told), "departments": departments}
    return FollowedCase.model_validate({**case, "version": case.get("page_version", 0), **of_history})


def _waiting(event: Mapping[str, Any]) -> MoveOrAnswer:
    moves = event["type"] in MOVES
    return MoveOrAnswer(event["version"], event.get("outbound_id"), event["department"] if moves else None)


def _answers(entries: Mapping[int, MoveOrAnswer]) -> list[GivenAnswer]:
    """Return each answer with the department of its time: openings and re-routings name one, answers do not."""
    answers, department = list[GivenAnswer](), DepartmentId("")
    for version in sorted(entries):
        entry = entries[version]
        if entry.department is not None:
            department = entry.department
        elif entry.message_id is not None:
            answers.append(GivenAnswer(message_id=entry.message_id, department=department))
    return answers
