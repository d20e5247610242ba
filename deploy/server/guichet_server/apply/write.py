"""Write a server's files where they differ, each in one step, and take away those of ours that are no longer wanted."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from guichet_server.layout import GIVEN_SECRETS, MADE_SECRETS, PREFIX, SECRETS
from guichet_server.render.everything import UNITS, File

_KEPT: Final = frozenset({GIVEN_SECRETS, MADE_SECRETS})
_OURS: Final = ((UNITS, f"{PREFIX}-*.service"), (UNITS, f"{PREFIX}-*.timer"), (SECRETS, "*.env"))


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


def others(files: Mapping[str, File], root: Path = Path("/")) -> list[str]:
    """Return the paths of what an earlier town's files had written and these do not."""
    there = (f"/{path.relative_to(root)}" for folder, name in _OURS for path in sorted((root / folder[1:]).glob(name)))
    return [path for path in there if path not in files and path not in _KEPT]


def remove_others(files: Mapping[str, File], root: Path = Path("/")) -> list[str]:
    """Remove them; return their paths."""
    removed = others(files, root)
    for path in removed:
        (root / path[1:]).unlink()
    return removed


def _replace(path: Path, text: str, mode: int) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as out:
        os.fchmod(out.fileno(), mode)  # whatever the umask is
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    partial.rename(path)
