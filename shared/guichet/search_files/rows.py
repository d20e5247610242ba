"""What a search file knows of a case and of a message: ids, a state, and words. Values alone."""

from dataclasses import dataclass

from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId, CaseId, DepartmentId, MessageId, ProcedureId, Reference, SectorCitizenId


@dataclass(frozen=True)
class IndexedCase:
    """A case as searches need it; department, procedure and entered_by are what rights to it are made of."""

    case_id: CaseId
    reference: Reference
    state: CaseState
    department: DepartmentId
    citizen: SectorCitizenId | None = None
    procedure: ProcedureId | None = None
    entered_by: AgentId | None = None


@dataclass(frozen=True)
class IndexedMessage:
    """The words by which a message is found (guichet.search.kept_words)."""

    message_id: MessageId
    subject: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    place: tuple[str, ...] = ()


@dataclass(frozen=True)
class KnownCase:
    """What a file holds of a case. rights: the words of its rights, as they were written."""

    rights: tuple[str, ...]
    messages: frozenset[MessageId]


@dataclass(frozen=True)
class Hit:
    """A case that was found, by its newest message that has the words. number: the message's place in the file."""

    case_id: CaseId
    message_id: MessageId
    number: int


@dataclass(frozen=True)
class Found:
    """Hits, the newest message first. further: from which number on to search further; None: that was all."""

    hits: tuple[Hit, ...] = ()
    further: int | None = None
