"""What a change writes, all of it or nothing, and what a removal leaves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId, MessageId, ProcedureId, SectorCitizenId
from guichet.rights.scope import Scope
from guichet.search_files.rows import KnownCase
from guichet.search_files.scope_words import scope_words
from guichet.search_files.writer import SearchFileWriter
from shared.tests.search_files.conftest import KEY
from shared.tests.search_files.files import CITIZEN, PARKS, ROADS, SECTOR, a_case, a_message, found, put

NOON, HOUR = datetime(2026, 5, 4, 12, tzinfo=UTC), timedelta(hours=1)
OF_PARKS = Scope.of_departments(AgentId("lea"), [PARKS], [SECTOR])


def test_the_place_in_the_log_is_written_with_the_words_or_neither(writer: SearchFileWriter, path: Path) -> None:
    put(writer, a_case(1), a_message("fuite", 1), places={0: 5, 2: 9})
    with pytest.raises(RuntimeError), writer.change({0: 6}) as change:  # noqa: PT012 - what is half done
        change.put(a_case(2), [a_message("fuite", 2)])
        raise RuntimeError
    assert writer.places() == {0: 5, 2: 9}
    assert found(path, KEY, "fuite") == ["m1"]


def test_a_place_never_goes_back(writer: SearchFileWriter) -> None:
    put(writer, a_case(1), places={0: 5})
    put(writer, a_case(1), places={0: 3})
    assert writer.places() == {0: 5}


def test_the_same_again_changes_nothing(writer: SearchFileWriter, path: Path) -> None:
    put(writer, a_case(1), a_message("fuite", 1))
    put(writer, a_case(2), a_message("fuite", 2))
    put(writer, a_case(1), a_message("fuite", 1))
    assert found(path, KEY, "fuite") == ["m2", "m1"]


def test_other_words_of_a_message_take_the_place_of_the_former(writer: SearchFileWriter, path: Path) -> None:
    put(writer, a_case(1), a_message("fuite", 1))
    put(writer, a_case(1), a_message("arbre", 1))
    assert found(path, KEY, "fuite") == []
    assert found(path, KEY, "arbre") == ["m1"]


def test_a_case_with_other_rights_has_all_its_messages_written_anew(writer: SearchFileWriter, path: Path) -> None:
    messages = [a_message("fuite", 1), a_message("fuite", 2)]
    put(writer, a_case(1, procedure=ProcedureId("arrete")), *messages)
    with pytest.raises(ValueError, match="1 messages"):
        put(writer, a_case(1, department=PARKS), messages[1])
    assert found(path, KEY, "fuite", OF_PARKS) == []
    put(writer, a_case(1, department=PARKS), *messages)
    assert found(path, KEY, "fuite", OF_PARKS) == ["m2"]
    assert found(path, KEY, "fuite", Scope.of_departments(AgentId("lea"), [ROADS], [SECTOR])) == []


def test_a_state_is_noted_of_a_case_that_is_there(writer: SearchFileWriter, path: Path) -> None:
    put(writer, a_case(1), a_message("fuite", 1))
    with writer.change({}) as change:
        change.note_state(a_case(1).case_id, CaseState.CLOSED)
        change.note_state(a_case(2).case_id, CaseState.CLOSED)
    assert found(path, KEY, "fuite est:close") == ["m1"]
    assert [*writer.known([a_case(1).case_id, a_case(2).case_id])] == [a_case(1).case_id]


def test_what_is_removed_is_not_found(writer: SearchFileWriter, path: Path) -> None:
    other = SectorCitizenId("d" * 32)
    for nth in (1, 2, 3, 4):
        put(writer, a_case(nth, citizen=CITIZEN if nth < 3 else other), a_message("fuite", nth))
    with writer.change({}) as change:
        change.remove_citizen(CITIZEN)
    assert found(path, KEY, "fuite") == ["m4", "m3"]
    with writer.change({}) as change:
        change.remove_cases([a_case(3).case_id])
    assert found(path, KEY, "fuite") == ["m4"]
    with writer.change({}) as change:
        change.remove_messages([MessageId("m4")])
    assert found(path, KEY, "fuite") == []


def test_what_is_known_of_a_case(writer: SearchFileWriter) -> None:
    case = a_case(1, procedure=ProcedureId("arrete"))
    put(writer, case, a_message("fuite", 1), a_message("arbre", 2))
    known = writer.known([case.case_id, a_case(2).case_id])
    assert known == {case.case_id: KnownCase(scope_words(case), frozenset({MessageId("m1"), MessageId("m2")}))}


def test_who_makes_a_file_writes_in_order_of_time(writer: SearchFileWriter, path: Path) -> None:
    with writer.change({}) as change:
        change.put(a_case(1), [])
        change.put(a_case(2, department=PARKS), [])
        change.let_wait(a_case(1).case_id, [(MessageId("m1"), NOON), (MessageId("m3"), NOON + 2 * HOUR)])
        change.let_wait(a_case(2).case_id, [(MessageId("m2"), NOON + HOUR), (MessageId("m4"), NOON + 3 * HOUR)])
        change.let_wait(a_case(3).case_id, [(MessageId("m5"), NOON)])  # of a case that is not there
    assert writer.waiting(3) == ["m1", "m2", "m3"]
    with writer.change({}) as change:
        change.put_waiting(a_message("fuite", nth) for nth in (1, 2))
        change.forget_waiting([MessageId("m4")])
    with writer.change({}) as change:
        change.put_waiting(a_message("fuite", nth) for nth in (2, 3))  # one of them once more, after a kill
    assert writer.waiting(3) == []
    assert found(path, KEY, "fuite") == ["m3", "m2"]
    assert found(path, KEY, "fuite", OF_PARKS) == ["m2"]
    for part in ("2026-7F3K-002", "7f3k-002", "002"):
        assert found(path, KEY, part) == ["m2"], "a reference is kept as of any other message"


def test_what_waits_of_a_removed_case_does_not_come(writer: SearchFileWriter, path: Path) -> None:
    with writer.change({}) as change:
        for nth in (1, 2):
            change.put(a_case(nth, citizen=CITIZEN if nth == 2 else None), [])
            change.let_wait(a_case(nth).case_id, [(MessageId(f"m{nth}"), NOON)])
        change.remove_cases([a_case(1).case_id])
        change.remove_citizen(CITIZEN)
        change.put_waiting([a_message("fuite", 1), a_message("fuite", 2)])
    assert found(path, KEY, "fuite") == []


def test_ids_in_their_order_to_ask_the_store_by(writer: SearchFileWriter) -> None:
    for nth in range(1, 6):
        put(writer, a_case(nth), a_message("fuite", nth))
    assert writer.case_ids(None, 2) == [a_case(1).case_id, a_case(2).case_id]
    assert writer.case_ids(a_case(2).case_id, 9) == [a_case(nth).case_id for nth in (3, 4, 5)]
    assert writer.message_ids(MessageId("m3"), 9) == ["m4", "m5"]
    assert writer.message_ids(None, 1) == ["m1"]


def test_the_rotation_that_a_file_knows_of_goes_with_its_copy(writer: SearchFileWriter, path: Path) -> None:
    assert writer.rotation() == 0
    for generation in (3, 4):
        with writer.change({}) as change:
            change.note_rotation(generation)
    copy = path.with_name("copy.search")
    writer.copy_to(copy, bytes(32))
    again = SearchFileWriter.open(copy, bytes(32))
    assert again.rotation() == 4
    again.close()
