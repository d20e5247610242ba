"""deploy/bootstrap.sh on a machine that lacks something: one line, with what to do. (Tools are shims on the PATH.)"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from guichet_local.machine.paths import REPOSITORY

REAL_TOOLS = ("bash", "dirname", "mkdir", "uname", "env", "cut", "rm")
NO = "#!/bin/sh\nexit 1\n"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of tools: what every system has, Python, no libraries, no right to install any."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in REAL_TOOLS:
        (tools / name).symlink_to(str(shutil.which(name)))
    (tools / "python3").symlink_to(sys.executable)
    shim(tools, "id", "#!/bin/sh\necho 1000\n")
    for name in ("sudo", "ldconfig"):
        shim(tools, name, NO)
    shutil.copytree(REPOSITORY / "deploy", tmp_path / "deploy", ignore=lambda _, names: set(names) - {"bootstrap.sh"})
    return tmp_path


def shim(tools: Path, name: str, script: str) -> None:
    (tools / name).unlink(missing_ok=True)
    (tools / name).write_text(script)
    (tools / name).chmod(0o755)


def bootstrap(machine: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "deploy/bootstrap.sh", *arguments],
        cwd=machine,
        env={"PATH": str(machine / "bin"), "HOME": str(machine), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_is_said(machine: Path) -> None:
    shim(machine / "bin", "python3", NO)
    done = bootstrap(machine)
    assert done.returncode == 1
    assert done.stderr.startswith("Guichet: Python 3.11 or later is needed")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="elsewhere there is no mongod wheel")
def test_a_missing_library_is_named_where_we_may_not_install_it(machine: Path) -> None:
    done = bootstrap(machine)
    assert done.returncode == 1
    assert done.stderr.endswith("sudo apt-get install libcurl4\n")
    assert done.stderr.count("\n") == 1


def test_a_missing_library_is_installed_where_we_may(machine: Path) -> None:
    shim(machine / "bin", "id", "#!/bin/sh\necho 0\n")
    shim(machine / "bin", "apt-get", f'#!/bin/sh\necho "$@" >> {machine}/installed\n')
    shim(machine / "bin", "python3", '#!/bin/sh\n[ "$1" = -c ]\n')  # new enough, and it makes no .venv
    bootstrap(machine)
    assert "install -y -qq libcurl4" in (machine / "installed").read_text()


def test_the_users_own_mongodb_needs_no_library_and_no_network_is_said(machine: Path) -> None:
    offline = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "PIP_RETRIES": "0"}
    done = bootstrap(machine, GUICHET_MONGODB_URI="mongodb://db", **offline)
    assert done.returncode == 1
    assert "libcurl" not in done.stderr
    assert "The first start needs the network" in done.stderr.splitlines()[-1]


def test_without_a_browser_the_stories_are_skipped_at_home_and_fail_in_ci(machine: Path) -> None:
    at_home, in_ci = bootstrap(machine, "browser"), bootstrap(machine, "browser", CI="1")
    assert (at_home.returncode, in_ci.returncode) == (0, 1)
    assert "apt-get install chromium" in at_home.stderr
    assert "apt-get install chromium" in in_ci.stderr


def test_a_browser_that_is_there_is_enough(machine: Path) -> None:
    shim(machine / "bin", "chromium", NO)
    assert bootstrap(machine, "browser", CI="1").returncode == 0


UNPACKED = [
    ("antivirus", "clamav-daemon"),
    ("mailservers", "dovecot-imapd dovecot-lmtpd dovecot-sieve postfix fakeroot"),
]


@pytest.mark.parametrize(("target", "packages"), UNPACKED)
def test_without_a_server_its_tests_are_skipped_at_home_and_fail_in_ci(
    machine: Path, target: str, packages: str
) -> None:
    at_home, in_ci = bootstrap(machine, target), bootstrap(machine, target, CI="1")
    assert (at_home.returncode, in_ci.returncode) == (0, 1)
    assert f"apt-get install {packages}" in at_home.stdout
    assert f"apt-get install {packages}" in in_ci.stderr


@pytest.mark.parametrize(
    ("target", "binaries"), [("antivirus", ["clamd"]), ("mailservers", ["dovecot", "sievec", "postfix"])]
)
def test_a_server_that_is_there_is_enough(machine: Path, target: str, binaries: list[str]) -> None:
    for name in binaries:
        shim(machine / "bin", name, NO)
    assert bootstrap(machine, target, CI="1").returncode == 0


def test_make_alone_lists_every_target_that_people_use() -> None:
    done = subprocess.run(["make", "-C", str(REPOSITORY)], capture_output=True, text=True, check=True)
    listed = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("  make ")}
    assert {"run", "status", "stop", "reset", "test", "format", "lint", "typecheck"} <= listed
