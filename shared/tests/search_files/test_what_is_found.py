"""A message is found by its words, its author and its case's reference, within a scope and by nobody else."""

from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guichet.contracts.case_events import CaseState
from guichet.contracts.inbound_content import MAIL_ADDRESS, PHONE_NUMBER, Identifier
from guichet.ids import AgentId, CaseId, DepartmentId, ProcedureId, SectorId
from guichet.rights.scope import Grant, Scope
from guichet.search.query import read_query
from guichet.search_files import reader as reading
from guichet.search_files.reader import SearchFileReader
from guichet.search_files.writer import SearchFileWriter
from shared.tests.search_files.conftest import KEY
from shared.tests.search_files.files import EVERYTHING, PARKS, ROADS, SECTOR, a_case, a_message, found, put

ZOE = Identifier(kind=MAIL_ADDRESS, value="zoe.martin@mail.example")
ZOES_PHONE = Identifier(kind=PHONE_NUMBER, value="+33639981234")


@pytest.fixture
def town(writer: SearchFileWriter, path: Path) -> Path:
    fuite = a_message("Une fuite d'eau rue de l'École.", 1, subject="Urgent", name="Zoé Martin", addresses=(ZOE,))
    nids = a_message("Des nids-de-poule partout ; mon portable : 06.39.98.12.34", 2, name="Éloi Le Gall")
    arbre = a_message(
        "Un arbre est tombé", 3, subject="Fuites de gaz ?", addresses=(ZOES_PHONE,), place="12, rue des Tanneurs"
    )
    put(writer, a_case(1), fuite)
    put(writer, a_case(2, state=CaseState.CLOSED), nids)
    put(writer, a_case(3, department=PARKS), arbre)
    return path


@pytest.mark.parametrize(
    ("typed", "messages"),
    [
        ("fuite", ["m3", "m1"]),
        ("FUITES ecoles", ["m1"]),
        ("objet:fuite", ["m3"]),
        ('"nid de poule"', ["m2"]),
        ("nid-de-poule", ["m2"]),
        ('"poule nid"', []),
        ("mart", ["m1"]),
        ("de:zo", []),
        ("de:zoe", ["m1"]),
        ('de:"le gal"', ["m2"]),
        ("de:fuite", []),
        ("zoe.martin@mail.example", ["m1"]),
        ("ZOE.MARTIN@mail.example fuite", ["m1"]),
        ("06 39 98 12 34", ["m3", "m2"]),
        ("+33 6 39 98 12 34", ["m3", "m2"]),
        ("de:0639981234", ["m3"]),
        ("lieu:tann", ["m3"]),
        ('lieu:"12 rue tanneurs"', ["m3"]),
        ("lieu:fuite", []),
        ("lieu:ecole", []),
        ("tanneurs", ["m3"]),
        ("2026-7F3K-002", ["m2"]),
        ("2026-7f3k", ["m3", "m2", "m1"]),
        ("7F3K-003", ["m3"]),
        ("2025-7F3K", []),
        ("fuite -eau", ["m3"]),
        ("-fuite", ["m2"]),
        ("partout -de:gall", []),
        ("nid-de-poule -fuite", ["m2"]),
        ("eau OU arbre", ["m3", "m1"]),
        ("eau OU portable OU arbre", ["m3", "m2", "m1"]),
        ("fuite eau OU tanneurs", ["m3", "m1"]),
        ("poule ou arbre", []),
        ("de:gall OU objet:urgent", ["m2", "m1"]),
        ("eau OU arbre -zoe", ["m3"]),
        ("fuite est:close", []),
        ("état:close", ["m2"]),
        ("est:close", ["m2"]),
        ("est:ouverte", ["m3", "m1"]),
        ("de la", []),
        ("", []),
        ("inconnu:fuite", []),
    ],
)
def test_what_is_typed_finds_what_is_meant(town: Path, typed: str, messages: list[str]) -> None:
    assert found(town, KEY, typed) == messages


def test_a_department_that_was_typed(town: Path) -> None:
    assert found(town, KEY, "fuite", departments=(PARKS,)) == ["m3"]
    assert found(town, KEY, "service:voirie", departments=(ROADS,)) == ["m2", "m1"]


def test_a_case_is_one_hit_by_its_newest_message(writer: SearchFileWriter, path: Path) -> None:
    put(writer, a_case(1), a_message("fuite", 1))
    put(writer, a_case(2), a_message("fuite", 2))
    put(writer, a_case(1), a_message("encore la fuite", 3))
    assert found(path, KEY, "fuite") == ["m3", "m2"]


def test_a_page_says_where_to_go_on(writer: SearchFileWriter, path: Path) -> None:
    for nth in range(1, 8):
        put(writer, a_case(nth), a_message("fuite", nth))
    reader = SearchFileReader(path, KEY, SECTOR)
    pages, before = [], None
    while True:
        page = reader.find(read_query("fuite"), EVERYTHING, limit=3, before=before)
        pages.append([hit.message_id for hit in page.hits])
        if (before := page.further) is None:
            break
    reader.close()
    assert pages == [["m7", "m6", "m5"], ["m4", "m3", "m2"], ["m1"]]


def test_a_search_looks_at_so_many_rows_and_says_that_there_are_more(
    writer: SearchFileWriter, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "ROWS_AT_MOST", 2)
    for nth in range(1, 6):
        put(writer, a_case(nth), a_message("fuite", nth))
    reader = SearchFileReader(path, KEY, SECTOR)
    page = reader.find(read_query("fuite est:close"), EVERYTHING, limit=3)
    reader.close()
    assert page.hits == ()
    assert page.further is not None


SCOPES = st.lists(
    st.builds(
        Grant,
        departments=st.frozensets(st.sampled_from([ROADS, PARKS])),
        sectors=st.frozensets(st.sampled_from([SECTOR, SectorId("social")])),
        detail=st.sampled_from(["full", "synthesis"]),
        procedures=st.none() | st.frozensets(st.sampled_from([ProcedureId("arrete"), ProcedureId("elagage")])),
        entered_by=st.none() | st.frozensets(st.sampled_from([AgentId("lea"), AgentId("max")])),
        reason_asked=st.booleans(),
        caller_identified=st.booleans(),
    ),
    max_size=4,
).map(lambda grants: Scope(AgentId("lea"), tuple(grants)))

CASES = [
    a_case(nth, department=department, procedure=procedure, entered_by=agent)
    for nth, (department, procedure, agent) in enumerate(
        product([ROADS, PARKS], [None, ProcedureId("arrete")], [None, AgentId("lea"), AgentId("max")])
    )
]


class Seen:
    """A case as Scope judges it."""

    def __init__(self, case_id: CaseId) -> None:
        case = next(case for case in CASES if case.case_id == case_id)
        self.sector, self.department = SECTOR, case.department
        self.procedure, self.entered_by = case.procedure, case.entered_by


@given(scope=SCOPES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_a_scope_finds_what_it_shows_whole_before_anything_was_said_and_nothing_else(
    all_rights: SearchFileReader, scope: Scope
) -> None:
    hits = {hit.case_id for hit in all_rights.find(read_query("fuite"), scope, limit=50).hits}
    assert hits == {case.case_id for case in CASES if scope.unasked.detail_of(Seen(case.case_id)) == "full"}


@given(
    typed=st.lists(
        st.text(max_size=8) | st.sampled_from(['"', "*", "NEAR(", "^", "scope:", "AND", "de:", "lieu:", "-", "{", "\0"])
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
def test_nothing_that_is_typed_is_syntax_or_widens_a_scope(all_rights: SearchFileReader, typed: list[str]) -> None:
    scope = Scope.of_departments(AgentId("lea"), [PARKS], [SECTOR])
    hits = all_rights.find(read_query(" ".join(typed)), scope, limit=50).hits
    assert {Seen(hit.case_id).department for hit in hits} <= {PARKS}


@pytest.fixture
def all_rights(writer: SearchFileWriter, path: Path) -> SearchFileReader:
    for nth, case in enumerate(CASES):
        put(writer, case, a_message("fuite", nth))
    return SearchFileReader(path, KEY, SECTOR)


def test_the_ids_of_two_departments_are_never_one_word(writer: SearchFileWriter, path: Path) -> None:
    put(writer, a_case(1, department=DepartmentId("eau-et-voirie")), a_message("fuite", 1))
    assert found(path, KEY, "fuite", Scope.of_departments(AgentId("lea"), [DepartmentId("eau")], [SECTOR])) == []
