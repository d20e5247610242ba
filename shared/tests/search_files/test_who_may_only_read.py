"""A desk reads a search file without the right to write anything in its folder, while its writer goes on and after."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from guichet.search_files.writer import SearchFileWriter
from shared.tests.search_files.files import a_case, a_message, put

KEY: Final = bytes(range(32))
NOBODY: Final = 65534
READER: Final = f"""
import os, sys
from pathlib import Path
from guichet.search_files.connection import open_to_read
path = Path(sys.argv[1])
if os.getuid() == 0:  # whom no mode of a file stops
    os.setgroups([])
    os.setgid({NOBODY})
    os.setuid({NOBODY})
assert not os.access(path.parent, os.W_OK) and not os.access(path, os.W_OK)
connection = open_to_read(path, bytes(range(32)))
for _ in sys.stdin:
    print(connection.execute("SELECT count(*) FROM cases").get, flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:  # pytest's own is closed to others
        yield Path(name)
        Path(name).chmod(0o700)


def read_only(folder: Path) -> None:
    for each in folder.iterdir():
        each.chmod(0o444)
    folder.chmod(0o555)


def reader_of(path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", READER, str(path)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def count(reader: subprocess.Popen[str]) -> int:
    assert reader.stdin is not None
    assert reader.stdout is not None
    reader.stdin.write("\n")
    reader.stdin.flush()
    return int(reader.stdout.readline())


def test_who_may_write_nothing_reads_what_is_written_meanwhile_and_after_the_writer_ended(folder: Path) -> None:
    path = folder / "sector.search"
    SearchFileWriter.new(path, KEY).close()
    writer = SearchFileWriter.open(path, KEY)
    put(writer, a_case(1), a_message("fuite", 1))
    read_only(folder)
    with reader_of(path) as reader:
        assert count(reader) == 1
        for nth in range(2, 50):
            put(writer, a_case(nth), a_message("fuite", nth))
        assert count(reader) == 49
        writer.forget_removed()
        put(writer, a_case(50), a_message("fuite", 50))
        assert count(reader) == 50
        assert reader.stdin is not None
        reader.stdin.close()
    writer.close()
    with reader_of(path) as later:
        assert count(later) == 50
        assert later.stdin is not None
        later.stdin.close()
    assert (folder / "sector.search-wal").stat().st_size == 0
    assert os.listdir(folder)
