"""Which senders a town needs, and where their sockets lie."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from guichet.errors import SettingsError
from guichet.town import load_town
from guichet.town.provider_accounts import accounts_of
from guichet_topology.services import Service

LONGEST_FOLDER: Final = 70  # the system allows 107 bytes for a socket's path, and a lane's name has up to 32


def needed(services: Iterable[Service], town: Path) -> tuple[Service, ...]:
    """Return services without the senders of accounts that the town has no channel for.

    Of a town that cannot be read, all: the services say themselves what is wrong with it.
    """
    try:
        lanes = {None, *accounts_of(load_town(town))}
    except (SettingsError, OSError):
        return tuple(services)
    return tuple(service for service in services if service.lane in lanes)


def sockets_folder(folder: Path) -> Path:
    """Return where a stack's senders listen: in its folder, unless that path is too long for a socket."""
    near = folder / "sockets"
    if len(os.fsencode(near)) <= LONGEST_FOLDER:
        return near
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"guichet-{os.getuid()}-{digest}-sockets"
