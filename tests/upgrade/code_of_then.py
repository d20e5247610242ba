"""The code of an earlier commit, ready to run by its own Python."""

import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
EARLIER: Final = ROOT / ".local" / "earlier"


def code_of(commit: str) -> Path:
    """Return the folder of a commit's code; the first time it is installed there (a minute)."""
    folder = EARLIER / commit
    if not (folder / ".venv" / ".ready").exists():
        folder.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(["git", "-C", str(ROOT), "archive", commit], capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", str(folder)], input=packed.stdout, check=True)
        subprocess.run([str(folder / "deploy" / "bootstrap.sh")], cwd=folder, check=True)
        subprocess.run([folder / ".venv" / "bin" / "python", "-m", "guichet_local", "fetch"], cwd=folder, check=True)
    return folder


def python_of(code: Path) -> Path:
    """Return its Python, which imports nothing of today's."""
    return code / ".venv" / "bin" / "python"
