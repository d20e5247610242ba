"""Where what describes a town lies: its folder, and the settings and secrets that go with it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from guichet.errors import SettingsError
from guichet_topology.env_file import read_env

USUAL_TOWN: Final = Path("/etc/guichet/town")  # of a server


@dataclass(frozen=True)
class Places:
    """town: the folder. settings: variables without secrets. secrets: what providers gave the town."""

    town: Path
    settings: Path
    secrets: Path

    @classmethod
    def of(cls, town: Path, settings: Path | None = None, secrets: Path | None = None) -> Self:
        """Return them: beside the town's folder, unless said otherwise."""
        town = town.absolute()
        return cls(
            town,
            settings=(settings or town.with_name("guichet.env")).absolute(),
            secrets=(secrets or town.parent / "secrets" / "given.env").absolute(),
        )

    @property
    def answers(self) -> Path:
        """Where what is answered is kept."""
        return self.town.with_name(f"{self.town.name}.answers.yaml")

    def variables(self) -> dict[str, str]:
        """Return what both files say; of one that is not there, or that only its owner reads, nothing."""
        return {name: value for file in (self.settings, self.secrets) for name, value in _values(file).items() if value}

    def environment(self) -> dict[str, str]:
        """Return the same for whoever is started; what this process was given itself counts."""
        return {**self.variables(), **os.environ, "GUICHET_TOWN": str(self.town)}


def _values(file: Path) -> dict[str, str]:
    try:
        return read_env(file.read_text("utf-8"), file=str(file))
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{file} cannot be read ({type(exc).__name__}).") from exc
