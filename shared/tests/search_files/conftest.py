from collections.abc import Iterator
from pathlib import Path

import pytest

from guichet.search_files.writer import SearchFileWriter

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sector.search"


@pytest.fixture
def writer(path: Path) -> Iterator[SearchFileWriter]:
    writer = SearchFileWriter.new(path, KEY)
    yield writer
    writer.close()
