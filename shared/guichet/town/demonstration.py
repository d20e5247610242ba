"""Whether a town is a demonstration: read by who has no use for the rest of its files."""

from pathlib import Path

from guichet.town.town_file import TownFile
from guichet.town.yaml_file import read_yaml


def is_demonstration(town: Path) -> bool:
    """Return what its town.yaml says. Raises SettingsError with a line per mistake."""
    return read_yaml(town / "town.yaml").parse(TownFile).demonstration
