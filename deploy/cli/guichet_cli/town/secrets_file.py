"""The file of what providers gave the town: for its owner alone, in a folder that nobody else enters."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from guichet.errors import GuichetError
from guichet_cli.console.private_file import replace_private
from guichet_topology.env_file import with_values

_HEAD: Final = "# Secrets donnés à « guichet town init » : ce fichier n’est lisible que par son propriétaire.\n"


def write_secrets(file: Path, values: Mapping[str, str]) -> None:
    """Set these variables there; its other lines stay. Raises GuichetError."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = file.read_text("utf-8") if file.exists() else _HEAD
    except (OSError, UnicodeDecodeError) as exc:
        raise GuichetError(f"{file} cannot be written ({type(exc).__name__}).") from exc
    replace_private(file, with_values(text, values).encode())
