"""Put a package in form, and run its tests without installing it anywhere."""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib.util import find_spec
from pathlib import Path

NEEDED = ("guichet_testing", "hypothesis")


def can_run() -> bool:
    """Return whether the conformance suite is installed here, and what a package's own test needs."""
    return all(find_spec(each) is not None for each in NEEDED)


def run_tests(folder: Path) -> bool:
    """Run the tests of a package's folder with the packages that are installed here; return whether all passed."""
    with tempfile.TemporaryDirectory() as announced:
        _announce(folder, Path(announced))
        path = os.pathsep.join([str(folder), announced, os.environ.get("PYTHONPATH", "")])
        command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", "tests"]
        leaves_nothing = {"PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_STORAGE_DIRECTORY": announced}
        environment = {**os.environ, "PYTHONPATH": path, **leaves_nothing}
        return subprocess.run(command, cwd=folder, env=environment, check=False).returncode == 0  # noqa: S603 - ours


def begin_repository(folder: Path) -> bool:
    """Make a package's folder a git repository, where git is there and the folder lies in none; return whether."""
    git = shutil.which("git")
    if git is None:
        return False
    around = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}  # a hook's, another's
    inside = subprocess.run([git, "rev-parse"], cwd=folder, env=around, capture_output=True, check=False)  # noqa: S603
    if inside.returncode == 0:
        return False
    begun = subprocess.run([git, "init", "--quiet"], cwd=folder, env=around, capture_output=True, check=False)  # noqa: S603
    return begun.returncode == 0


def put_in_form(folder: Path) -> None:
    """Break lines as the package's ruff.toml says, where ruff is installed here: names are as long as they are."""
    if find_spec("ruff") is not None:
        for what in (["check", "--fix-only", "--select", "I"], ["format"]):
            command = [sys.executable, "-m", "ruff", *what, "--quiet", "--no-cache", str(folder)]
            subprocess.run(command, check=True)  # noqa: S603 - ours


def _announce(folder: Path, place: Path) -> None:
    """Write what an installation would tell of the package: its entry points."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = place / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    groups = (
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in project["entry-points"].items()
    )
    (told / "entry_points.txt").write_text("\n".join(groups))
