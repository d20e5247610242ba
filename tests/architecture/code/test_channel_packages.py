"""A channel's code is found, not named: nobody imports its package but the package itself, and import-linter looks at it."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[3]
PACKAGES: Final = sorted(path.parent.name for path in (ROOT / "shared" / "channels").glob("*/guichet_*/channel.py"))
PRODUCT: Final = ("shared/guichet", "services/*/*", "deploy/cli/guichet_cli", "deploy/local/stack/guichet_local")


def contracts() -> dict[str, dict[str, Any]]:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    return {"": tool, **{each["name"]: each for each in tool["contracts"]}}


def product_files() -> Iterator[Path]:
    for pattern in PRODUCT:
        for folder in ROOT.glob(pattern):
            if folder.is_dir() and folder.name != "tests":
                yield from folder.rglob("*.py")


def imported(source: str) -> set[str]:
    """Return the top-level packages that a file's code imports."""
    nodes = [*ast.walk(ast.parse(source))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


def test_nobody_imports_a_channel_s_package() -> None:
    found = {str(file.relative_to(ROOT)) for file in product_files() if imported(file.read_text()) & {*PACKAGES}}
    assert found == set()


def test_an_import_is_found() -> None:
    assert imported("import guichet_telegram.webhook as w") == {"guichet_telegram"}
    assert imported("def f():\n    from guichet_telegram.read import update") == {"guichet_telegram"}


@pytest.mark.parametrize("package", PACKAGES)
def test_import_linter_looks_at_every_channel(package: str) -> None:
    found = contracts()
    assert package in found[""]["root_packages"]
    assert package in found["Channels never import each other"]["modules"]
    for rule in (
        "A channel's code is lent what it needs of the vault, the store and the broker, and knows no service",
        "Who faces the internet seals and cannot open",
        "Production never leans on testing",
    ):
        assert package in found[rule]["source_modules"], rule
    assert package in found["guichet knows no service"]["forbidden_modules"]
