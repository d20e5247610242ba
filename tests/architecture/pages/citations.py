"""What this repository says of itself, as text: its files, the sections of its pages, the names that it quotes."""

import os
import re
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
_READ: Final = {".py", ".md", ".yaml", ".toml", ".html", ".sh", ".example", ""}
_FETCHED: Final = {
    ".git",
    ".venv",
    ".local",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
    "node_modules",
}
# Written by a program, by somebody else, or of a form that was released and may not change.
_LEFT_OUT: Final = ("tests/vendored/", "shared/schemas/", "tests/upgrade/", "uv.lock", "docs/faults.md", "LICENSE")
_PACKAGES: Final = {
    "guichet": "shared",
    "guichet_cli": "deploy/cli",
    "guichet_local": "deploy/local/stack",
    "guichet_server": "deploy/server",
    "guichet_topology": "deploy/topology",
    "citizen_sandbox": "deploy/local/sandbox",
    **{path.name.replace("-", "_"): f"services/{path.name}" for path in (ROOT / "services").iterdir() if path.is_dir()},
    **{f"guichet_{path.name}": f"shared/channels/{path.name}" for path in (ROOT / "shared/channels").iterdir()},
}


@cache
def tracked() -> frozenset[str]:
    """Every file of the repository, by its path from the root; not what tools fetch, build or leave."""
    found = set[str]()
    for folder, subfolders, files in os.walk(ROOT):
        subfolders[:] = [name for name in subfolders if name not in _FETCHED and not name.endswith(".egg-info")]
        found |= {(Path(folder) / name).relative_to(ROOT).as_posix() for name in files}
    return frozenset(found)


def _texts() -> dict[str, str]:
    kept = (
        name for name in sorted(tracked()) if Path(name).suffix in _READ and not name.startswith((*_LEFT_OUT, ".git"))
    )
    return {name: (ROOT / name).read_text() for name in kept if not name.endswith("/test_citations.py")}


TEXTS: Final = _texts()


_FOR_PEOPLE: Final = re.compile(r'"""[\s\S]*?"""|(?m:^|  )#[^\n]*')


@cache
def prose_of(file: str, text: str) -> str:
    """Return a page as it is, and of a program what is written for people: docstrings and comments."""
    if not file.endswith(".py"):
        return text
    return "\n".join(_FOR_PEOPLE.findall(text))


@cache
def anchors_of(page: str) -> frozenset[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#{1,6} (.+?)\s*$", page, re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", each)) for each in headings)
    return frozenset(each.lower().replace(" ", "-") for each in plain)


@cache
def pages_named(end: str) -> tuple[str, ...]:
    """Return the files whose path is this, or ends so."""
    return tuple(page for page in tracked() if page == end or page.endswith(f"/{end}"))


def facts_of_law(page: str) -> set[int]:
    """Return the numbers of the facts in docs/law.md."""
    return {int(number) for number in re.findall(r"^\*\*(\d+)\.\*\*", page, re.MULTILINE)}


@cache
def _words_of(module: Path) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", module.read_text()))


def is_there(dotted: str) -> bool:
    """Say whether a dotted name is a package's, a module's, or that of something which a module names."""
    head, *rest = dotted.split(".")
    place = ROOT / _PACKAGES[head] / head
    while rest and (place / rest[0]).is_dir():
        place /= rest.pop(0)
    if not rest:
        return True
    module = place / f"{rest.pop(0)}.py"
    return module.exists() and _words_of(module).issuperset(rest)


_DOTTED: Final = re.compile(rf"(?<![\w/.@-])((?:{'|'.join(sorted(_PACKAGES))})(?:\.[A-Za-z_]\w*)+)(?![\w/])")
# Files of a server, a collection as MongoDB names it, and groups of entry points.
_NO_PYTHON: Final = (
    *(".py", ".yaml", ".md", ".target", ".env", ".caddy", ".conf", ".git", ".example"),
    *("guichet.cases", "guichet.channels", "guichet.sandbox_tiles"),
)


def names_given(file: str, text: str) -> set[str]:
    """Return the dotted names of our packages that a page gives, or a program's docstrings and comments."""
    return {name for name in _DOTTED.findall(prose_of(file, text)) if not name.endswith(_NO_PYTHON)}


_RETIRED: Final = re.compile(
    r"\b(?:[Dd]esign|[Ss]tack|[Dd]omain|style)(?:\.md)?[ :,]+\d\.?\d?\b|\(R\d{1,2}\b|\b(?:domain|stack|style)\.md\b"
)


def retired_citations(texts: dict[str, str]) -> list[str]:
    """Citations of documents that are not in the repository."""
    found = ((file, match[0]) for file, text in texts.items() for match in _RETIRED.finditer(prose_of(file, text)))
    return [f"{file}: {said}" for file, said in found]
