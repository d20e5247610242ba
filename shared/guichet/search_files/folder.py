"""The folder of search files. A file's name says of which sector it is, which one it is, and the id of its key.

So a file and its key cannot disagree, whatever was killed when; the newest of a sector is the one that counts.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guichet.errors import TransientError
from guichet.ids import KeyId, SectorId

VARIABLE: Final = "GUICHET_SEARCH_FILES"
UNFINISHED: Final = ".part"
_NAME: Final = re.compile(
    rf"(?P<sector>(?:[0-9a-f]{{2}})+)\.(?P<nth>\d{{8}})\.(?P<key_id>[0-9a-f]{{32}})\.search(?P<part>{UNFINISHED})?"
)
_BESIDE: Final = ("", "-wal", "-shm", "-journal")  # what SQLite lays beside a file


@dataclass(frozen=True, order=True)
class SearchFileName:
    """nth: the higher, the newer. is_part: somebody was killed while they wrote it."""

    sector: SectorId
    nth: int
    key_id: KeyId
    is_part: bool = False

    @property
    def text(self) -> str:
        """Return the name of the file. The sector's is in hexadecimal: a town may call one what it likes."""
        ending = UNFINISHED if self.is_part else ""
        return f"{self.sector.encode().hex()}.{self.nth:08d}.{self.key_id}.search{ending}"


@dataclass(frozen=True)
class SearchFolder:
    """Where the files of all sectors lie. Every method raises TransientError while the disk is away."""

    path: Path

    def place_of(self, name: SearchFileName) -> Path:
        """Return where a file lies."""
        return self.path / name.text

    def names(self) -> list[SearchFileName]:
        """Return every search file that is there, the oldest of a sector first."""
        try:
            entries = os.listdir(self.path)
        except OSError as exc:
            raise TransientError(f"{VARIABLE}: {type(exc).__name__}") from exc
        return sorted(name for entry in entries if (name := _name_of(entry)) is not None)

    def newest(self, sector: SectorId) -> SearchFileName | None:
        """Return the file of a sector that counts; None: there is none."""
        return max((name for name in self.names() if name.sector == sector and not name.is_part), default=None)

    def put_in_place(self, part: SearchFileName) -> SearchFileName:
        """Let a file that is whole and closed count from now on, also after a power cut."""
        whole = SearchFileName(part.sector, part.nth, part.key_id)
        try:
            _sync(self.place_of(part))
            self.place_of(part).rename(self.place_of(whole))
            _sync(self.path)
        except OSError as exc:
            raise TransientError(f"{VARIABLE}: {type(exc).__name__}") from exc
        return whole

    def remove(self, names: Iterable[SearchFileName]) -> None:
        """Remove files with what lies beside them; who reads one goes on."""
        try:
            for name in names:
                for ending in _BESIDE:
                    Path(f"{self.place_of(name)}{ending}").unlink(missing_ok=True)
        except OSError as exc:
            raise TransientError(f"{VARIABLE}: {type(exc).__name__}") from exc


def _name_of(entry: str) -> SearchFileName | None:
    found = _NAME.fullmatch(entry)
    if found is None:
        return None
    sector = SectorId(bytes.fromhex(found["sector"]).decode(errors="replace"))
    return SearchFileName(sector, int(found["nth"]), KeyId(found["key_id"]), found["part"] is not None)


def _sync(path: Path) -> None:
    """Have a file, or what a folder names, on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
