"""Nobody outside the vault seals or opens by words: whoever does names a declared field (guichet.vault.fields)."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[3]
BY_WORDS: Final = {"seal", "unseal", "Thing"}


def imported_from_sealing(source: str) -> set[str]:
    """Return the names that a file imports from guichet.vault.sealing; all of them where it imports the module."""
    return {
        name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom | ast.Import)
        for name in _names(node)
    }


def _names(node: ast.ImportFrom | ast.Import) -> Iterator[str]:
    for each in node.names:
        if isinstance(node, ast.ImportFrom) and node.module == "guichet.vault.sealing":
            yield each.name
        elif "guichet.vault.sealing" in (each.name, f"{getattr(node, 'module', None)}.{each.name}"):
            yield from BY_WORDS


def test_only_the_vault_seals_by_words() -> None:
    sources = [*ROOT.glob("shared/guichet/**/*.py"), *ROOT.glob("services/*/*/**/*.py")]
    sources += [*ROOT.glob("shared/channels/**/*.py"), *ROOT.glob("deploy/cli/guichet_cli/**/*.py")]
    offenders = {
        str(path.relative_to(ROOT))
        for path in sources
        if not {"tests", "vault"} & {*path.relative_to(ROOT).parts}
        and imported_from_sealing(path.read_text()) & BY_WORDS
    }
    assert offenders == set()


def test_who_would_is_found() -> None:
    assert imported_from_sealing("from guichet.vault.sealing import DataKey, seal") & BY_WORDS == {"seal"}
    assert imported_from_sealing("from guichet.vault import sealing") >= BY_WORDS
    assert imported_from_sealing("import guichet.vault.sealing as s") >= BY_WORDS
