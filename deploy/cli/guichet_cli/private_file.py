"""Write what is personal to a file that nobody else may read."""

import os
from pathlib import Path

from guichet.errors import GuichetError


def write_private(path: Path, content: bytes) -> None:
    """Write a new file, readable by its owner alone from its first byte. Raises GuichetError when it cannot be made."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as exc:
        raise GuichetError(f"{path} cannot be written ({exc.strerror}). Name a file that does not exist yet.") from exc
