"""What `guichet backup nightly` and the checks say. Pure."""

from collections.abc import Iterator
from pathlib import Path

from guichet.mongo.backup_files import Manifest
from guichet_cli.backup.examine import Found


def check_summary(manifest: Manifest, found: Found) -> str:
    """Say what was read of a backup, and what is wrong with it."""
    files = "files were not in it" if manifest.objects is None else f"{manifest.objects} files"
    of_when = f"Of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    first = f"{of_when}: {found.documents} documents, {files}, {found.keys} keys needed."
    return "\n".join([first, *_wrong(found), "It is good." if found.is_good else "It is NOT good."])


def store_summary(found: Found) -> str:
    """Say what was read of a store, and what is wrong with it."""
    first = f"{found.documents} documents were read, the vault has the {found.keys} keys that they need."
    if not found.is_good:
        first = f"{found.documents} documents were read, which need {found.keys} keys."
    last = "Start the services." if found.is_good else "It is NOT good: start nothing before you know why."
    return "\n".join([first, *_wrong(found), last])


def nightly_summary(folder: Path, manifest: Manifest, found: Found) -> str:
    """Say what lies where now."""
    kept = "" if found.is_good else " Older backups stay."
    return f"{folder}\n{check_summary(manifest, found)}{kept}"


def _wrong(found: Found) -> Iterator[str]:
    if found.odd.count:
        yield f"{found.odd} have no form that a service reads: find out who wrote that."
    if found.absent_keys.count:
        yield (
            f"{found.absent_keys}: the vault never held these keys, so what they seal cannot be read. Is it "
            "this town's newest vault? See the alarm key-missing."
        )
    if found.absent_files.count:
        yield f"{found.absent_files}: messages name these files, and they are not there."
    if found.shrunk_from is not None:
        yield (
            f"The last good one holds {found.shrunk_from} documents beside the audit trail, this one less than half: is"
            " this store whole? If it is to be so: guichet backup nightly --smaller."
        )
