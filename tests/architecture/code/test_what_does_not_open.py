"""A key may be broken or not held: who reads what is sealed minds both, unless the difference is their business."""

import ast
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
MIND_BROKEN_SEALS_ALONE = {
    "services/case-router/case_router/domain/commands/link_renewal.py": "with the vault of today lacking the key, the command waits",
    "shared/guichet/follow_pages/view_writer.py": "the page stays as it was where the key is missing, which it catches too",
    "shared/guichet/migrations/m0010_citizen_ids.py": "a record under a missing key must not be bound to another id",
    "shared/guichet/vault/keys/wrapping.py": "the vault's own keys: none of them is a data key",
    "shared/guichet/vault/keys/wrapping_keys.py": "the vault's own keys",
    "shared/guichet/vault/rotation/rewrap.py": "the vault's own keys",
    "shared/guichet/store/threads/store.py": "claims lie under the router's key, which no vault holds",
    "shared/guichet/vault/mongo_vault.py": "the vault's own keys",
    "shared/guichet/vault/setup.py": "the vault's own keys",
    "shared/guichet/vault/rotation/rotate.py": "the vault's own keys",
}


def test_nobody_else_catches_a_broken_seal_and_lets_a_missing_key_pass() -> None:
    sources = [*REPOSITORY.glob("shared/guichet/**/*.py"), *REPOSITORY.glob("services/*/*/**/*.py")]
    sources += [*REPOSITORY.glob("shared/channels/**/*.py"), *REPOSITORY.glob("deploy/cli/guichet_cli/**/*.py")]
    found = {
        str(path.relative_to(REPOSITORY))
        for path in sources
        if "tests" not in path.relative_to(REPOSITORY).parts and "TamperedError" in caught_in(path)
    }
    assert found == set(MIND_BROKEN_SEALS_ALONE)


def caught_in(path: Path) -> set[str]:
    """Return the names of single errors that a file's handlers catch or suppress."""
    return {name.id for name in _caught(ast.parse(path.read_text())) if isinstance(name, ast.Name)}


def _caught(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            yield node.type
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "suppress":
            yield from node.args
