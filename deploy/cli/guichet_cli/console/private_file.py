"""Write what is personal or secret to a file that nobody else may read; replace a file in one step."""

import os
from pathlib import Path

from guichet.errors import GuichetError


def write_private(path: Path, content: bytes) -> None:
    """Write a new file, readable by its owner alone from its first byte. Raises GuichetError when it cannot be made."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError as exc:
        raise GuichetError(f"{path} is there already. Name a file that does not exist yet.") from exc
    except OSError as exc:
        raise GuichetError(f"{path} cannot be written ({exc.strerror}).{_where(exc)}") from exc


def replace_file(path: Path, content: bytes) -> None:
    """Write a file that others read, in one step: they find the old or the new one. Raises GuichetError."""
    partial = path.with_suffix(".partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as exc:
        raise GuichetError(f"{path} cannot be written ({exc.strerror}).") from exc


def replace_private(path: Path, content: bytes) -> None:
    """Write a file for its owner alone, in one step, durably: a power cut leaves the old or the new one. Raises
    GuichetError."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as exc:
        raise GuichetError(f"{path} cannot be written ({exc.strerror}).") from exc


def _where(error: OSError) -> str:
    """Of a server's operator, who may be root: `guichet` itself is not."""
    home = os.environ.get("HOME", "").rstrip("/")
    return f" Name one in {home}." if isinstance(error, PermissionError) and home else ""
