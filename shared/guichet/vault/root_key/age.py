"""Whether the root-key file is older than its copy: then vault and file came from an older copy of the machine.

A rotation writes the copy first and takes an old key out of it last, so the two share a key at every moment. A machine
that was put back from a snapshot has a file from before, whose key is in no copy once a rotation was made since.
"""

from pathlib import Path

from guichet.errors import SettingsError
from guichet.vault.root_key.file import VARIABLE, read_root_keys
from guichet.vault.root_key.writer import COPY_VARIABLE


def refuse_older(file: Path, copy: Path | None) -> None:
    """Raise SettingsError where the copy is of later rotations alone. A copy that is not there tells nothing."""
    if copy is None or not copy.exists():
        return
    here, there = read_root_keys(file), read_root_keys(copy)
    if max(there) <= max(here) or any(there.get(generation) == key for generation, key in here.items()):
        return
    raise SettingsError(
        f"{VARIABLE} names a file of rotation {max(here)}, {COPY_VARIABLE} one of {max(there)}: this machine, or its"
        " vault, was put back from an older copy, and whoever was erased since would be back. Nobody opens anything"
        " until the newest vault is restored (docs/backup-and-restore.md, snapshots). If that copy is another vault's,"
        " move it away."
    )
