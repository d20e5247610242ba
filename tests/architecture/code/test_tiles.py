"""A tile lies in its channel's package and is the sandbox's alone: nobody loads it who takes in or sends."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
PACKAGES: Final = sorted(path for path in (ROOT / "shared" / "channels").glob("*/guichet_*") if path.is_dir())
PLAYED: Final = [package for package in PACKAGES if [*package.glob("tile*")]]


def imports_of(file: Path) -> Iterator[str]:
    """Yield each module that a file imports, wherever in it, with what it takes of it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (f"{alias.name}." for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}." for alias in node.names)


def is_of_tile(package: Path, file: Path) -> bool:
    return file.relative_to(package).parts[0] in ("tile", "tile.py")


def module_of(package: Path, file: Path) -> str:
    return ".".join(file.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("package", PACKAGES, ids=lambda each: each.name)
def test_a_channel_s_code_imports_no_tile(package: Path) -> None:
    files = [file for file in package.rglob("*.py") if not is_of_tile(package, file)]
    found = [f"{file.name}: {each}" for file in files for each in imports_of(file) if ".tile." in each]
    assert found == []


@pytest.mark.parametrize("package", PLAYED, ids=lambda each: each.name)
def test_a_tile_imports_nothing_of_its_channel(package: Path) -> None:
    own = (f"{package.name}.tile.", "citizen_sandbox.play.")
    files = [file for file in package.rglob("*.py") if is_of_tile(package, file)]
    assert files
    ours = [
        f"{file.name}: {each}"
        for file in files
        for each in imports_of(file)
        if each.startswith(("guichet", "citizen_sandbox")) and not each.startswith(own)
    ]
    assert ours == []


@pytest.mark.parametrize("package", PLAYED, ids=lambda each: each.name)
def test_whoever_loads_all_of_a_channel_has_loaded_no_tile(package: Path) -> None:
    """As a host and a sender do at most: neither the tile nor the sandbox is in the process."""
    names = [module_of(package, file) for file in package.rglob("*.py") if not is_of_tile(package, file)]
    command = [sys.executable, "-c", f"import sys, {', '.join(names)}; print(*sys.modules)"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert f"{package.name}.channel" in loaded
    assert [each for each in loaded if each.startswith(("citizen_sandbox", f"{package.name}.tile"))] == []
