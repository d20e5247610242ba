"""Every unit of the example town, judged by systemd itself: understood without a word, and exposed as little as we say."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from guichet_server.layout import PYTHON
from guichet_server.render.everything import SYSUSERS, UNITS, units_in
from guichet_testing.server_files import FILES

THRESHOLD = "15"  # of 100, by `systemd-analyze security`: what every unit stays at or below
ANALYZE = shutil.which("systemd-analyze")
OF_SYSTEMD = Path("/usr/lib/systemd/system")
NAMES = units_in(FILES)
needs_systemd = pytest.mark.skipif(
    "CI" not in os.environ and (ANALYZE is None or not OF_SYSTEMD.is_dir()), reason="no systemd-analyze here"
)


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    assert ANALYZE is not None
    return subprocess.run(
        [ANALYZE, *words], capture_output=True, text=True, check=False, env={"PATH": os.defpath, "SYSTEMD_COLORS": "0"}
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A root with systemd's own units, ours, and something to start in Python's place."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copytree(OF_SYSTEMD, folder / OF_SYSTEMD.relative_to("/"), symlinks=True)
    for path, file in FILES.items():
        if path.startswith(UNITS):
            (folder / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            (folder / path[1:]).write_text(file.text)
    python = folder / PYTHON[1:]
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@needs_systemd
def test_systemd_understands_every_unit_without_a_word(root: Path) -> None:
    judged = analyze("verify", f"--root={root}", *NAMES)
    assert (judged.stderr, judged.stdout, judged.returncode) == ("", "", 0)


@needs_systemd
def test_the_verifier_would_say_something(root: Path) -> None:
    broken = root / UNITS[1:] / "broken.service"
    broken.write_text("[Service]\nExecStart=/bin/true\nProtectSytem=strict\n")
    assert "ProtectSytem" in analyze("verify", f"--root={root}", broken.name).stderr


@needs_systemd
@pytest.mark.parametrize("name", [each for each in NAMES if each.endswith(".service")])
def test_a_unit_is_exposed_no_more_than_the_threshold(root: Path, name: str) -> None:
    judged = analyze(
        "security", "--offline=true", f"--threshold={THRESHOLD}", "--no-pager", str(root / UNITS[1:] / name)
    )
    assert judged.returncode == 0, judged.stdout[-300:]


SYSTEMD_SYSUSERS = shutil.which("systemd-sysusers")


@pytest.mark.skipif("CI" not in os.environ and SYSTEMD_SYSUSERS is None, reason="no systemd-sysusers here")
def test_systemd_would_make_every_user(tmp_path: Path) -> None:
    (tmp_path / "users.conf").write_text(FILES[SYSUSERS].text)
    (tmp_path / "root").mkdir()
    words = [SYSTEMD_SYSUSERS or "", "--dry-run", f"--root={tmp_path / 'root'}", str(tmp_path / "users.conf")]
    judged = subprocess.run(words, capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stderr
    assert "not a valid" not in judged.stderr
