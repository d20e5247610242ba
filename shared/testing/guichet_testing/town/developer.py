"""The developer of a channel: a repository of their own, Guichet's commands, and what its documentation says."""

import difflib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase, digits
from typing import Final

from guichet_cli.channels.scaffold.run import put_in_form
from guichet_local.machine.paths import CACHE
from guichet_testing.builders.walkthrough import follow
from guichet_testing.forks.popen import run

_OFFLINE: Final = {"UV_OFFLINE": "1", "UV_CACHE_DIR": str(CACHE / "uv")}  # what builds a wheel was fetched with Guichet


@dataclass(frozen=True)
class Developed:
    """A channel's repository. typed: the formatted lines that its developer wrote."""

    name: str
    folder: Path
    typed: tuple[str, ...]

    @property
    def variables(self) -> Mapping[str, str]:
        """Return what an operator sets for it."""
        prefix = f"GUICHET_{self.name.upper().replace('-', '_')}"
        return {f"{prefix}_SECRET": "un-secret-du-pigeonnier", f"{prefix}_TOKEN": "un-jeton-de-la-mairie"}


def any_name() -> str:
    """Return a channel's name that nobody can have written down anywhere."""
    return f"{_any(ascii_lowercase, 6)}-{_any(digits, 3)}"


def develop(name: str, folder: Path) -> Developed:
    """Have the package written, and type what docs/adding-a-channel.md says."""
    run_command("channels", "new", name, "--proof", "hmac", "--both-ways", "--into", str(folder))
    before = _lines(folder)
    follow(folder, name)
    put_in_form(folder)
    return Developed(name, folder, tuple(_typed(before, _lines(folder))))


def enable(channel: Developed, town: Path, packages: Path) -> str:
    """Have a town switch the channel on; return what the operator reads."""
    return enable_from(channel.name, channel.folder, town, packages)


def enable_from(name: str, source: Path, town: Path, packages: Path) -> str:
    """Have a town switch a channel on whose package is a repository or a wheel; return what the operator reads."""
    where = {"GUICHET_TOWN": str(town), "GUICHET_CHANNEL_PACKAGES": str(packages)}
    return run_command("channels", "enable", name, "--from", str(source), **where, **_OFFLINE)


def run_command(*words: str, **variables: str) -> str:
    """Run `guichet …`, which must succeed, where no town runs."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("GUICHET_")}
    done = run("guichet_cli", words, environment=own | variables)
    assert done.returncode == 0, f"guichet {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


def _any(letters: str, count: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(count))


def _lines(folder: Path) -> dict[Path, list[str]]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {path: path.read_text().splitlines() for path in files}


def _typed(before: Mapping[Path, list[str]], after: Mapping[Path, list[str]]) -> list[str]:
    changed = (line for path in after for line in difflib.ndiff(before.get(path, []), after[path]))
    return [line[2:] for line in changed if line.startswith("+ ") and line[2:].strip()]
