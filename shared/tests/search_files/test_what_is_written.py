"""What a change writes, all of it or nothing, and what a removal leaves."""

from pathlib import Path

import pytest

from guichet.contracts.case_events import CaseState
from guichet.ids import AgentId, MessageId, ProcedureId, SectorCitizenId
from guichet.rights.scope import Scope
from guichet.search_files.writer import SearchFileWriter
from shared.tests.search_files.conftest import KEY
from shared.tests.search_files.files import CITIZEN, PARKS, ROADS, SECTOR, a_case, a_message, found, put

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
        assert change.has(a_case(1).case_id)
        assert not change.has(a_case(2).case_id)
    assert found(path, KEY, "fuite est:close") == ["m1"]


def test_what_is_removed_is_not_found(writer: SearchFileWriter, path: Path) -> None:
    other = SectorCitizenId("d" * 32)
    for nth in (1, 2, 3, 4):
        put(writer, a_case(nth, citizen=CITIZEN if nth < 3 else other), a_message("fuite", nth))
    with writer.change({}) as change:
        change.remove_citizen(CITIZEN)
    assert found(path, KEY, "fuite") == ["m4", "m3"]
    with writer.change({}) as change:
        change.remove_case(a_case(3).case_id)
    assert found(path, KEY, "fuite") == ["m4"]
    with writer.change({}) as change:
        change.remove_messages([MessageId("m4")])
        assert change.has(a_case(4).case_id)
    assert found(path, KEY, "fuite") == []
