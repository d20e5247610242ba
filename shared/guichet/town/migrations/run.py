"""Whether a town's folder has the form that this version reads, and what it would be in that form. Writes nothing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guichet.errors import SettingsError
from guichet.town.migrations.table import CURRENT, FIRST, MIGRATIONS, TownMigration
from guichet.town.yaml_file import read_yaml

_FILES: Final = ("*.yaml", "templates/**/*.txt", "channels/*.yaml")
_TOWN: Final = "town.yaml"
_VERSION_LINE: Final = re.compile(r"(?m)^version:.*$")
_FIRST_KEY: Final = re.compile(r"(?m)^(?=[A-Za-z])")


@dataclass(frozen=True)
class Migrated:
    """A folder in today's form. version: that it had; applied: the migrations since; changed: the texts to write."""

    version: int
    applied: Sequence[TownMigration]
    changed: Mapping[str, str]


def require_form(folder: Path) -> None:
    """Return if a folder can be read as it is. Raises SettingsError, which says what to do."""
    require_newest_reader(folder)
    if version_of(folder) < CURRENT and migrated(folder).changed.keys() - {_TOWN}:
        raise SettingsError(
            f"{folder}: this folder has the form of an older Guichet. Run: guichet town migrate {folder}"
        )


def require_newest_reader(folder: Path) -> None:
    """Return unless a newer version has been at the folder. Raises SettingsError."""
    if (version := version_of(folder)) > CURRENT:
        raise SettingsError(
            f"{folder / _TOWN}: version {version} is of a newer Guichet; this one knows {CURRENT}. Run the newer one"
            f" or put back the folder's copy of before ({folder.name}.v{CURRENT}, beside it)."
        )


def version_of(folder: Path) -> int:
    """Return the version that a folder says; the first one where it says none. Raises SettingsError."""
    content = read_yaml(folder / _TOWN).content
    said = content.get("version", FIRST) if isinstance(content, dict) else FIRST
    return said if isinstance(said, int) else FIRST  # what is no number, the model refuses


def migrated(folder: Path, migrations: Sequence[TownMigration] = MIGRATIONS) -> Migrated:
    """Return what the folder would be. Raises SettingsError where a file is written in a way that cannot be changed."""
    version = version_of(folder)
    left = [each for each in migrations if each.number > version]
    before = _texts(folder)
    texts = dict(before)
    for each in left:
        texts |= each.run(texts)
    if left:
        texts[_TOWN] = _with_version(texts[_TOWN], left[-1].number)
    return Migrated(version, left, {name: text for name, text in texts.items() if before.get(name) != text})


def _with_version(text: str, number: int) -> str:
    line = f"version: {number}"
    if _VERSION_LINE.search(text):
        return _VERSION_LINE.sub(line, text, count=1)
    return _FIRST_KEY.sub(f"{line}\n", text, count=1)


def _texts(folder: Path) -> dict[str, str]:
    files = sorted({path for pattern in _FILES for path in folder.glob(pattern)})
    try:
        return {str(path.relative_to(folder)): path.read_text("utf-8") for path in files}
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{folder}: a file cannot be read as UTF-8 text ({type(exc).__name__}).") from exc
