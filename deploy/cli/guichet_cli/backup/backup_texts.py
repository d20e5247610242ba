"""What `guichet backup nightly` and `check` say. Pure."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from guichet_cli.backup.check import Checked

_NAMED: Final = 3


def check_summary(checked: Checked) -> str:
    """Say what was read, and what is wrong with it."""
    manifest = checked.manifest
    files = "files were not in it" if manifest.objects is None else f"{manifest.objects} files"
    of_when = f"Of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    lines = [f"{of_when}: {checked.documents} documents, {files}, {checked.keys} keys needed."]
    if checked.odd:
        lines.append(f"{_some(checked.odd)} have no form that a service reads: find out who wrote that.")
    if checked.absent_keys:
        lines.append(
            f"{_some(checked.absent_keys)}: the vault never held these keys, so what they seal cannot be read. Is it "
            "this town's newest vault? See the alarm key-missing."
        )
    if checked.absent_files:
        lines.append(
            f"{_some(checked.absent_files)}: messages name these files and the object store did not give them."
        )
    return "\n".join([*lines, "It is good." if checked.is_good else "It is NOT good."])


def nightly_summary(folder: Path, checked: Checked) -> str:
    """Say what lies where now."""
    kept = "" if checked.is_good else " Older backups stay."
    return f"{folder}\n{check_summary(checked)}{kept}"


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
