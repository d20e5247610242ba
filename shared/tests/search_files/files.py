"""Cases and messages of an invented town, and what asks for them."""

from pathlib import Path

from guichet.contracts.case_events import CaseState
from guichet.contracts.inbound_content import Identifier
from guichet.ids import AgentId, CaseId, DepartmentId, MessageId, Reference, SectorCitizenId, SectorId
from guichet.rights.scope import Scope
from guichet.search.kept_words import text_words, who_words
from guichet.search.places import place_words
from guichet.search.query import read_query
from guichet.search_files.reader import SearchFileReader
from guichet.search_files.rows import IndexedCase, IndexedMessage
from guichet.search_files.writer import SearchFileWriter

SECTOR = SectorId("technique")
ROADS, PARKS = DepartmentId("voirie"), DepartmentId("espaces-verts")
CITIZEN = SectorCitizenId("c" * 32)
EVERYTHING = Scope.of_departments(AgentId("lea"), [ROADS, PARKS], [SECTOR])


def a_case(nth: int = 1, **values: object) -> IndexedCase:
    case = IndexedCase(
        case_id=CaseId(f"{nth:032x}"),
        reference=Reference(f"2026-7F3K-{nth:03d}"),
        state=CaseState.RECEIVED,
        department=ROADS,
        citizen=CITIZEN,
    )
    return case.__class__(**{**vars(case), **values})


def a_message(
    text: str = "",
    nth: int = 1,
    *,
    subject: str = "",
    name: str | None = None,
    addresses: tuple[Identifier, ...] = (),
    place: str = "",
) -> IndexedMessage:
    who = who_words(name, addresses)
    return IndexedMessage(MessageId(f"m{nth}"), text_words(subject), text_words(text), who, place_words(place))


def put(
    writer: SearchFileWriter, case: IndexedCase, *messages: IndexedMessage, places: dict[int, int] | None = None
) -> None:
    with writer.change(places or {}) as change:
        change.put(case, messages)


def found(
    path: Path,
    key: bytes,
    typed: str,
    scope: Scope = EVERYTHING,
    *,
    limit: int = 50,
    departments: tuple[DepartmentId, ...] | None = None,
) -> list[str]:
    """Return the ids of the messages by which cases are found."""
    reader = SearchFileReader(path, key, SECTOR)
    try:
        result = reader.find(read_query(typed), scope, limit=limit, departments=departments)
        return [hit.message_id for hit in result.hits]
    finally:
        reader.close()
