"""What a server with a network fetches, gathered beforehand: a booted Debian has none. Kept in .local/cache."""

import shutil
import subprocess
from typing import Final

from guichet_local.machine.paths import CACHE, REPOSITORY

SUPPLIES: Final = CACHE / "install-server"
SUITE: Final = "bookworm"
INCLUDED: Final = "systemd,systemd-sysv,dbus"
# Of the document, of deploy/server/install.sh, and of what stands in the town.
PACKAGES: Final = (
    *("git", "ca-certificates", "python3-venv", "caddy", "libcurl4", "libssl3"),
    *("postfix", "dovecot-imapd", "openssl", "sudo"),
)
BASE: Final = SUPPLIES / "base"
_UV_PIN: Final = "UV_VERSION="


def gather() -> None:
    """Fetch what is missing: a minimal Debian (40 s), its packages, uv; and copy this commit of the repository."""
    SUPPLIES.mkdir(parents=True, exist_ok=True)
    if not (SUPPLIES / "base.done").exists():
        shutil.rmtree(BASE, ignore_errors=True)
        _run("debootstrap", "--variant=minbase", f"--include={INCLUDED}", SUITE, str(BASE))
        (SUPPLIES / "base.done").touch()
    if not (SUPPLIES / "packages" / "Packages").exists():
        _gather_packages()
    _gather_uv()
    shutil.rmtree(SUPPLIES / "guichet.git", ignore_errors=True)
    _run("git", "clone", "--quiet", "--bare", str(REPOSITORY), str(SUPPLIES / "guichet.git"))
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    _run("git", "-C", str(SUPPLIES / "guichet.git"), "update-ref", "--no-deref", "HEAD", head.stdout.strip())


def _gather_packages() -> None:
    """As files of a repository of its own, so that `apt-get install` inside is the document's own."""
    scratch, packages = SUPPLIES / "scratch", SUPPLIES / "packages"
    shutil.rmtree(scratch, ignore_errors=True)
    _run("cp", "-a", str(BASE), str(scratch))
    shutil.copy("/etc/resolv.conf", scratch / "etc" / "resolv.conf")
    _run("chroot", str(scratch), "apt-get", "update", "-qq")
    words = ["apt-get", "install", "-y", "-qq", "--download-only", "--no-install-recommends", *PACKAGES]
    _run("chroot", str(scratch), *words)
    packages.mkdir(exist_ok=True)
    for package in (scratch / "var/cache/apt/archives").glob("*.deb"):
        shutil.copy(package, packages)
    with (packages / "Packages").open("wb") as index:
        subprocess.run(["dpkg-scanpackages", "-m", ".", "/dev/null"], cwd=packages, stdout=index, check=True)
    shutil.rmtree(scratch)


def _gather_uv() -> None:
    bootstrap = (REPOSITORY / "deploy" / "bootstrap.sh").read_text()
    [version] = [line.removeprefix(_UV_PIN) for line in bootstrap.splitlines() if line.startswith(_UV_PIN)]
    wheels = SUPPLIES / "wheels"
    if not [*wheels.glob(f"uv-{version}-*")]:
        wheels.mkdir(exist_ok=True)
        _run("python3", "-m", "pip", "download", "-q", "--no-deps", "-d", str(wheels), f"uv=={version}")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
