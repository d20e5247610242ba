"""The town's own files: into an export, and out of one into a new folder."""

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from guichet.errors import PermanentError
from guichet_cli.town_export.archive import Member

FOLDER: Final = "town"


def town_files(folder: Path) -> Iterator[Member]:
    """Yield each file of a town's folder, in order. Raises PermanentError."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            try:
                yield Member(f"{FOLDER}/{file.relative_to(folder).as_posix()}", file.read_bytes())
            except OSError as exc:
                raise PermanentError(f"{file} cannot be read ({exc.strerror}).") from exc


def write_town_files(members: Iterable[Member], folder: Path) -> int:
    """Write them into a new folder; return how many. Raises PermanentError."""
    if folder.exists() and any(folder.iterdir()):
        raise PermanentError(f"{folder} is not empty. Name a new folder.")
    written = 0
    for member in members:
        path = PurePosixPath(member.name)
        if path.parts[0] != FOLDER:
            continue
        if ".." in path.parts or path.is_absolute():
            raise PermanentError(f"{member.name!r} is no name of a town's file.")
        target = folder.joinpath(*path.parts[1:])
        target.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        target.write_bytes(member.content)
        written += 1
    return written
