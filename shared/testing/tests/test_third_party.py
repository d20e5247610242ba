"""A channel in a repository of its own: the wheels of guichet and guichet-testing are all that its tests need of ours."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from guichet_cli.channels.scaffold.names import Names
from guichet_cli.channels.scaffold.proofs import ProofName
from guichet_cli.channels.scaffold.write import Wish, write_package

ROOT = Path(__file__).parents[3]
UV = ROOT / ".local" / "uv" / "bin" / "uv"


def run(*command: str, cwd: Path = ROOT, **environment: str) -> str:
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        command, cwd=cwd, env=clean | environment, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(300)  # a minute on two idle cores: an environment is made from the packages that are here
def test_the_suite_runs_in_a_repository_of_its_own(tmp_path: Path) -> None:
    own, pigeon = tmp_path / "venv", tmp_path / "pigeon"
    python = str(own / "bin" / "python")
    here = {"UV_CACHE_DIR": str(ROOT / ".local" / "cache" / "uv"), "UV_PYTHON_DOWNLOADS": "never", "UV_OFFLINE": "1"}
    sync = ("sync", "--frozen", "--package", "guichet-testing", "--no-dev", "--no-editable", "--python", sys.executable)
    run(str(UV), *sync, UV_PROJECT_ENVIRONMENT=str(own), **here)
    write_package(Wish(Names("pigeon"), ProofName.STANDARD_WEBHOOKS, both_ways=True), pigeon)
    run(str(UV), "pip", "install", "--python", python, "--no-deps", "--editable", str(pigeon), **here)

    [packages] = (own / "lib").glob("python*/site-packages")
    ours = {path.name for path in packages.glob("guichet*") if path.is_dir() and not path.name.endswith(".dist-info")}
    assert ours == {"guichet", "guichet_testing"}
    assert not list(packages.glob("citizen_sandbox*"))
    said = run(python, "-m", "pytest", "-q", "--pyargs", "tests", cwd=pigeon)
    assert " passed in " in said
    assert "skipped" not in said
