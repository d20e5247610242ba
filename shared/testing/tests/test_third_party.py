"""A channel in a repository of its own: three wheels are all that its tests need of ours."""

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
HERE = {"UV_CACHE_DIR": str(ROOT / ".local" / "cache" / "uv"), "UV_PYTHON_DOWNLOADS": "never", "UV_OFFLINE": "1"}
ONLY_WHAT_IT_NEEDS = ("--no-install-package", "guichet-app-webhook")  # whose group is that of every new package
OURS = ("guichet", "guichet-testing", "citizen-sandbox")
NOT_PLAYED = "- pigeon: the tile was not looked at, since citizen_sandbox is not installed here: "


def run(*command: str, cwd: Path = ROOT, **environment: str) -> str:
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        command, cwd=cwd, env=clean | environment, capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(300)  # ten seconds on two idle cores: an environment is made from the packages that are here
def test_the_suite_runs_in_a_repository_of_its_own(tmp_path: Path) -> None:
    own, pigeon = tmp_path / "venv", tmp_path / "pigeon"
    python = str(own / "bin" / "python")
    sync = ("sync", "--frozen", "--package", "guichet-app-webhook", "--no-editable", "--python", sys.executable)
    run(str(UV), "cache", "clean", *OURS, **HERE)  # it keeps the wheel of a folder whose files have changed since
    run(str(UV), *sync, *ONLY_WHAT_IT_NEEDS, UV_PROJECT_ENVIRONMENT=str(own), **HERE)
    write_package(Wish(Names("pigeon"), ProofName.STANDARD_WEBHOOKS, both_ways=True), pigeon)
    run(str(UV), "pip", "install", "--python", python, "--no-deps", "--editable", str(pigeon), **HERE)

    [packages] = (own / "lib").glob("python*/site-packages")
    found = [*packages.glob("guichet*"), *packages.glob("citizen_sandbox*")]
    ours = {path.name for path in found if path.is_dir() and not path.name.endswith(".dist-info")}
    assert ours == {"guichet", "guichet_testing", "citizen_sandbox"}
    said = run(python, "-m", "pytest", "-q", "--pyargs", "tests", cwd=pigeon)
    assert " passed in " in said
    assert "skipped" not in said

    run(str(UV), "pip", "uninstall", "--python", python, "citizen-sandbox", **HERE)
    said = run(python, "-m", "pytest", "-q", "--pyargs", "tests", "-k", "tile", cwd=pigeon)
    assert " 5 skipped, " in said
    [sentence] = [line for line in said.splitlines() if line.startswith(NOT_PLAYED)]
    assert "`uv build --wheel --out-dir dist deploy/local/sandbox`" in sentence
