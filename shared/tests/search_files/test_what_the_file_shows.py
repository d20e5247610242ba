"""Who has a search file and no key reads nothing in it, and a former key opens nothing."""

import sqlite3
from pathlib import Path

import pytest

from guichet.contracts.inbound_content import MAIL_ADDRESS, Identifier
from guichet.ids import SectorCitizenId
from guichet.search_files.connection import open_to_read, refuse_unencrypted
from guichet.search_files.errors import DamagedFileError
from guichet.search_files.writer import SearchFileWriter
from shared.tests.search_files.conftest import KEY
from shared.tests.search_files.files import CITIZEN, a_case, a_message, found, put

PLANTED = ("zygomatique", "Quetzalcoatl", "ornithorynque@mail.example", "Tlatelolco")
IN_A_FILE = (b"zygomat", b"quetzal", b"ornitho", b"tlatelolco", b"2026", b"fts5", b"SQLite format", CITIZEN.encode())


def plant(writer: SearchFileWriter) -> None:
    address = Identifier(kind=MAIL_ADDRESS, value=PLANTED[2])
    for nth in range(1, 40):
        put(
            writer,
            a_case(nth),
            a_message(
                f"{PLANTED[0]} {nth}",
                nth,
                subject=PLANTED[0],
                name=PLANTED[1],
                addresses=(address,),
                place=PLANTED[3],
            ),
        )


def bytes_beside(path: Path) -> bytes:
    """Everything that lies in the folder: the file, its write-ahead log and that one's index."""
    return b"".join(each.read_bytes() for each in path.parent.iterdir())


def test_nothing_planted_is_legible_in_the_file_or_its_write_ahead_log(writer: SearchFileWriter, path: Path) -> None:
    plant(writer)
    assert Path(f"{path}-wal").stat().st_size > 100_000
    for words in IN_A_FILE:
        assert words not in bytes_beside(path)
    writer.forget_removed()
    assert path.stat().st_size > 20_000
    for words in IN_A_FILE:
        assert words not in bytes_beside(path)


def test_the_planted_words_are_legible_where_nothing_is_encrypted(tmp_path: Path) -> None:
    """The control: what the test above looks for is found in a file that is none of ours."""
    plain = sqlite3.connect(tmp_path / "plain.search")
    plain.execute("CREATE VIRTUAL TABLE words USING fts5(body, content='')")
    plain.execute("INSERT INTO words (rowid, body) VALUES (1, 'zygomat quetzal')")
    plain.commit()
    plain.close()
    assert b"zygomat" in bytes_beside(tmp_path / "plain.search")


def test_a_file_that_opens_without_a_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.search"
    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE cases (number INTEGER)")
    plain.commit()
    plain.close()
    with pytest.raises(DamagedFileError, match="opens without its key"):
        refuse_unencrypted(path)
    with pytest.raises(DamagedFileError):
        SearchFileWriter.open(path, KEY)


def test_another_key_opens_nothing(writer: SearchFileWriter, path: Path) -> None:
    plant(writer)
    for key in (bytes(32), b"", KEY[:-1]):
        with pytest.raises(DamagedFileError):
            open_to_read(path, key)
    with pytest.raises(DamagedFileError):
        SearchFileWriter.open(path, bytes(32))


def test_a_file_with_a_broken_page_is_damaged(writer: SearchFileWriter, path: Path) -> None:
    plant(writer)
    writer.close()
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    reopened = SearchFileWriter.open(path, KEY)
    with pytest.raises(DamagedFileError):
        reopened.check()
    reopened.close()


def test_a_whole_file_is_sound(writer: SearchFileWriter) -> None:
    plant(writer)
    writer.check()


def inside(path: Path, key: bytes) -> bytes:
    """Return what FTS5 keeps, as whoever has the key reads it."""
    connection = open_to_read(path, key)
    blocks = b"".join(row[0] for row in connection.execute("SELECT block FROM words_data"))
    connection.close()
    return blocks


def test_the_words_of_what_was_removed_are_gone_from_the_copy_under_a_new_key(
    writer: SearchFileWriter, path: Path
) -> None:
    """FTS5 marks what is deleted of a contentless table, and keeps its words until it merges."""
    plant(writer)
    put(writer, a_case(99, citizen=SectorCitizenId("d" * 32)), a_message("kakemphaton", 99, place="Ouagadougou"))
    put(writer, a_case(100), a_message("fuite", 100))
    with writer.change({}) as change:
        change.remove_citizen(SectorCitizenId("d" * 32))
    assert b"akemphaton" in inside(path, KEY)
    assert b"uagadougou" in inside(path, KEY)
    copy = path.with_name("copy.search")
    writer.copy_to(copy, bytes(32))
    assert b"akemphaton" not in inside(copy, bytes(32))
    assert b"uagadougou" not in inside(copy, bytes(32))
    assert b"akemphaton" not in inside(path, KEY)
    assert found(copy, bytes(32), "fuite") == ["m100"]
    with pytest.raises(DamagedFileError):
        open_to_read(copy, KEY)


def test_temporary_tables_stay_in_memory(writer: SearchFileWriter) -> None:
    assert writer._connection.pragma("temp_store") == 2
    assert writer._connection.pragma("secure_delete") == 1
