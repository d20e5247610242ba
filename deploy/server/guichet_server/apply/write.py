"""Write a server's files where they differ, each in one step, and take away what we wrote and is no longer wanted."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from guichet_server.layout import APPLIED
from guichet_server.render.everything import UNITS, File


def write_files(files: Mapping[str, File], root: Path = Path("/")) -> list[str]:
    """Return the paths of what changed."""
    changed = []
    for path, file in files.items():
        where = root / path[1:]
        mode = 0o600 if file.secret else 0o644
        if where.exists() and where.read_text("utf-8") == file.text and where.stat().st_mode & 0o777 == mode:
            continue
        where.parent.mkdir(parents=True, exist_ok=True)
        _replace(where, file.text, mode)
        changed.append(path)
    return changed


def note(files: Mapping[str, File], root: Path = Path("/")) -> None:
    """Note, before they are written, that these files are ours, beside those that were and are still there."""
    _note({*_noted(root), *(path for path in files if _may_go(path, files[path]))}, root)


def others(files: Mapping[str, File], root: Path = Path("/")) -> list[str]:
    """Return the paths of what we wrote for an earlier town's files and these do not have."""
    return [path for path in sorted(_noted(root)) if path not in files and (root / path[1:]).exists()]


def remove_others(files: Mapping[str, File], root: Path = Path("/")) -> list[str]:
    """Remove them; return their paths."""
    removed = others(files, root)
    for path in removed:
        (root / path[1:]).unlink()
    _note(_noted(root) & files.keys(), root)
    return removed


def _may_go(path: str, file: File) -> bool:
    """A unit, and what a process is told; an administrator's file may have become the town's own by now."""
    return path.startswith(UNITS) or (file.secret and path.endswith(".env"))


def _noted(root: Path) -> set[str]:
    """A server of before this note has none: nothing is taken away there."""
    noted = root / APPLIED[1:]
    return {*noted.read_text("utf-8").splitlines()} if noted.exists() else set()


def _note(paths: Iterable[str], root: Path) -> None:
    write_files({APPLIED: File("".join(f"{path}\n" for path in sorted(paths)))}, root)


def _replace(path: Path, text: str, mode: int) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as out:
        os.fchmod(out.fileno(), mode)  # whatever the umask is
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    partial.rename(path)
