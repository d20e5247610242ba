"""Where the senders' sockets lie."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

LONGEST_FOLDER: Final = 70  # the system allows 107 bytes for a socket's path, and a lane's name has up to 32


def sockets_folder(folder: Path) -> Path:
    """Return where a stack's senders listen: in its folder, unless that path is too long for a socket."""
    near = folder / "sockets"
    if len(os.fsencode(near)) <= LONGEST_FOLDER:
        return near
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"guichet-{os.getuid()}-{digest}-sockets"
