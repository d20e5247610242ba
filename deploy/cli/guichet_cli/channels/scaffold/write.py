"""Write a channel's package: a repository of its own, of which every test passes before anything is typed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jinja2

from guichet.contracts.topics import INBOUND_SOCIAL, INBOUND_THIRD_PARTY
from guichet.errors import SettingsError
from guichet_cli.channels.scaffold.names import Names
from guichet_cli.channels.scaffold.proofs import ProofName, proof_of

TO_TYPE: Final = "TO TYPE"  # marks each place that is the provider's own
_TEMPLATES: Final = Path(__file__).with_name("templates")
_FILES: Final = {  # template → where it goes
    "pyproject.toml": "pyproject.toml",
    "ruff.toml": "ruff.toml",
    "gitignore": ".gitignore",
    "README.md": "README.md",
    "empty": "{package}/__init__.py",
    "typed": "{package}/py.typed",
    "facts.yaml": "{package}/{name}.yaml",
    "settings.py": "{package}/settings.py",
    "channel.py": "{package}/channel.py",
    "incoming.py": "{package}/incoming.py",
    "parse.py": "{package}/parse.py",
    "send.py": "{package}/send.py",
    "tile.py": "{package}/tile.py",
    "suite.py": "tests/test_{field}.py",
    "message.json": "tests/fixtures/message.json",
}


@dataclass(frozen=True)
class Wish:
    """What somebody wants a package for. both_ways: citizens are answered on it. of_guichet: it is to be part of it."""

    names: Names
    proof: ProofName
    both_ways: bool
    of_guichet: bool = False

    @property
    def topic(self) -> str:
        """That its messages come in on: what is not part of Guichet has a topic of its own kind."""
        return (INBOUND_SOCIAL if self.of_guichet else INBOUND_THIRD_PARTY).name


@dataclass(frozen=True)
class ToType:
    """A place that is the provider's own. what: the line that says so."""

    file: Path
    line: int
    what: str


def write_package(wish: Wish, folder: Path) -> None:
    """Write every file into a folder that is made. Raises SettingsError where something lies there already."""
    if folder.exists() and any(folder.iterdir()):
        raise SettingsError(f"{folder} is not empty; name another folder with --into.")
    for path, text in package_files(wish):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def package_files(wish: Wish) -> Iterator[tuple[Path, str]]:
    """Yield each file's path in the package's folder, and its text."""
    names = wish.names
    jinja = jinja2.Environment(  # noqa: S701 - no page: Python, TOML and YAML of a name whose letters are known
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    says = {
        "n": names,
        "proof": proof_of(wish.proof, names.header),
        "both_ways": wish.both_ways,
        "of_guichet": wish.of_guichet,
        "topic": wish.topic,
    }
    for template, place in _FILES.items():
        if template == "send.py" and not wish.both_ways:
            continue
        path = Path(place.format(package=names.package, name=names.name, field=names.field))
        yield path, jinja.get_template(f"{template}.jinja").render(says)


def to_type(folder: Path) -> list[ToType]:
    """Return the places that are marked, file by file."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".py", ".yaml"})
    return [place for file in files for place in _marked(file)]


def _marked(file: Path) -> Iterator[ToType]:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if TO_TYPE in line:
            yield ToType(file, number, re.sub(r'^[\s#"]+|["\s]+$', "", line))
