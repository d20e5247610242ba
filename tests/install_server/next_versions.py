"""The versions that come after this one, each a tag of the clone that the server was cloned from.

v1.1 is this version. v1.2 has another number, other units, and a migration. The others cannot be put in place, each for
another reason. They are edits of today's files: where one no longer applies, it says so.
"""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from guichet_local.machine.paths import REPOSITORY
from tests.install_server.supplies import SUPPLIES

THIS: Final = "v1.1"
NEXT: Final = "v1.2"
NOT_TO_BE_HAD, NOT_INSTALLED, NOT_MIGRATED, NOT_STARTED = "v1.3", "v1.4", "v1.5", "v1.6"
MARK: Final = "of_the_next_version"
_TABLE: Final = "shared/guichet/store/setup/migration_table.py"
_MIGRATIONS: Final = "shared/guichet/migrations"
_END_OF_TABLE: Final = ')\n"""In order. Numbers leave gaps'


@dataclass(frozen=True)
class Edit:
    """In a file, one text in place of another."""

    file: str
    before: str
    after: str

    def applied(self, text: str) -> str:
        """Return the text with it. Raises AssertionError where it does not apply."""
        assert text.count(self.before) == 1, f"{self.file} has {self.before!r} {text.count(self.before)} times"
        return text.replace(self.before, self.after)


@dataclass(frozen=True)
class Version:
    """Commits on top of this version. files: new ones, by their path."""

    edits: tuple[Edit, ...]
    files: Mapping[str, str]


def _migration(number: int, body: str) -> tuple[Edit, Mapping[str, str]]:
    row = f'    Migration({number}, "of-{number}", "m0{number}_of_a_next_version"),\n'
    code = f'"""Of a version that is made for a test."""\n\n\nasync def run(context, steps):\n{body}'
    return Edit(_TABLE, _END_OF_TABLE, row + _END_OF_TABLE), {f"{_MIGRATIONS}/m0{number}_of_a_next_version.py": code}


_MARKING: Final = _migration(
    980, f'    await context.database["cases"].update_many({{}}, {{"$set": {{"{MARK}": True}}}})\n'
)
_FAILING: Final = _migration(
    990,
    f'    await context.database["cases"].update_many({{}}, {{"$set": {{"{MARK}": True}}}})\n'
    '    raise RuntimeError("this migration met what nobody had thought of")\n',
)
VERSIONS: Final[Mapping[str, Version]] = {
    NEXT: Version(
        (
            Edit("shared/pyproject.toml", 'version = "0.1.0"', 'version = "0.2.0"'),
            Edit(
                "deploy/server/guichet_server/render/unit.py",
                '    ("NoNewPrivileges", "yes"),\n',
                '    ("NoNewPrivileges", "yes"),\n    ("SyslogIdentifier", "guichet-next"),\n',
            ),
            _MARKING[0],
        ),
        _MARKING[1],
    ),
    NOT_TO_BE_HAD: Version((Edit("deploy/bootstrap.sh", "UV_VERSION=0.", "UV_VERSION=99.0."),), {}),
    NOT_INSTALLED: Version(
        (Edit("deploy/server/install.sh", "umask 022", 'echo "no space left on device" >&2; exit 1; umask 022'),), {}
    ),
    NOT_MIGRATED: Version((_FAILING[0],), _FAILING[1]),
    NOT_STARTED: Version(
        (
            Edit(
                "services/case-router/case_router/__main__.py",
                'if __name__ == "__main__":\n',
                'if __name__ == "__main__":\n    raise SystemExit("broken")\n',
            ),
        ),
        {},
    ),
}


def make_next_versions(bare: Path = SUPPLIES / "guichet.git") -> None:
    """Tag them in the clone that the server is cloned from."""
    scratch = SUPPLIES / "next"
    _git(SUPPLIES, "worktree", "prune")
    subprocess.run(["rm", "-rf", str(scratch)], check=True)
    _git(SUPPLIES, "clone", "--quiet", str(bare), str(scratch))
    _git(scratch, "tag", "--force", THIS, _head(bare))
    for name, version in VERSIONS.items():
        _git(scratch, "checkout", "--quiet", "--detach", THIS)
        for file, text in written(version, scratch).items():
            (scratch / file).write_text(text)
        _git(scratch, "add", "--all")
        who = ("-c", "user.name=Guichet", "-c", "user.email=guichet@villiers.example")
        _git(scratch, *who, "commit", "--quiet", "--no-verify", "--message", f"Be {name}.")
        _git(scratch, "tag", "--force", name)
    _git(scratch, "push", "--quiet", "--force", "origin", "--tags")


def written(version: Version, root: Path = REPOSITORY) -> dict[str, str]:
    """Return the files that a version writes."""
    edited = {each.file: each.applied((root / each.file).read_text()) for each in version.edits}
    return edited | dict(version.files)


def _head(bare: Path) -> str:
    done = subprocess.run(["git", "-C", bare, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)
