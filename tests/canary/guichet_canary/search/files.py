"""Read every file of a folder in blocks, without its holes."""

import errno
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import bson

from guichet_canary.search.search import BLOCK, Hit, Search

DIAGNOSTICS: Final = "diagnostic.data"


def search_folder(search: Search, folder: Path, note: Callable[[str], object] = lambda _: None) -> Iterator[Hit]:
    """Yield what is found in the files below `folder`, and in their names. note: is told each file that was read."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        yield from search.in_bytes(f"the name of {name}", path.name.encode())
        if path.is_symlink() or not stat.S_ISREG(path.stat().st_mode):
            continue
        note(name)
        yield from search.in_blocks(name, blocks_of(path, BLOCK, search.overlap))
        if path.parent.name == DIAGNOSTICS:
            yield from search.in_bytes(f"{name}, unpacked", unpacked_diagnostics(path.read_bytes()))


def unpacked_diagnostics(content: bytes) -> bytes:
    """Return what mongod packs with zlib into the only files of the stack that are compressed (its own metrics)."""
    packed = (document["data"] for document in bson.decode_iter(content) if "data" in document)
    return b"".join(zlib.decompress(each[4:]) for each in packed)  # after its length, unpacked


def blocks_of(path: Path, size: int, overlap: int) -> Iterator[tuple[int, bytes]]:
    """Yield a file's content as (offset, bytes) of at most `size` + `overlap` bytes, the overlap twice.

    Kafka's indexes and WiredTiger's logs are made ahead, mostly of holes: those are stepped over.
    """
    with path.open("rb", buffering=0) as file:
        for first, end in _written_parts(file.fileno()):
            place = first
            while place < end:
                file.seek(place)
                yield place, _read(file.fileno(), min(size + overlap, end - place))
                place += size


def _written_parts(descriptor: int) -> Iterator[tuple[int, int]]:
    """Yield (first, end) of the parts of a file that are no holes."""
    length, place = os.fstat(descriptor).st_size, 0
    while place < length:
        try:
            first = os.lseek(descriptor, place, os.SEEK_DATA)
        except OSError as exc:
            if exc.errno == errno.ENXIO:  # nothing but a hole from here on
                return
            raise
        place = os.lseek(descriptor, first, os.SEEK_HOLE)
        yield first, place


def _read(descriptor: int, count: int) -> bytes:
    """Read `count` bytes, or what there is of them: a running server may cut its file off meanwhile."""
    pieces: list[bytes] = []
    while count and (piece := os.read(descriptor, count)):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)
