"""Debian's mail servers in a mount namespace of their own, whether they are installed or only unpacked here.

Unpacked ones look for their parts under /usr, and for their users in /etc/passwd: in the namespace they find both, and
nobody outside sees any of it. It takes the right to make one, which Linux gives everybody unless told otherwise.
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from guichet_local.errors import StartFailedError
from guichet_local.machine.paths import LOCAL
from guichet_local.machine.process import end_with_parent

UNPACKED: Final = LOCAL / "mailservers"  # by deploy/bootstrap.sh mailservers
SPOOL: Final = Path("/var/spool")
USERS: Final = {"root": 0, "postfix": 62_001, "postdrop": 62_002, "vmail": 62_003, "nobody": 65_534}
"""Who there is in the namespace, each with a group of the same name and number."""


def find_mail_server(name: str) -> Path | None:
    """Return where a program of theirs, such as `dovecot`, lies as seen from a namespace; None where there is none."""
    installed = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if installed:
        return Path(installed)
    places = (Path("/usr/sbin", name), Path("/usr/bin", name))
    return next((each for each in places if (UNPACKED / each.relative_to("/")).exists()), None)


def as_somebody(folder: Path, user: str, command: Sequence[str]) -> list[str]:
    """Return the command line that runs a server all as one user; its files are ours. folder: the server's own."""
    uid = str(USERS[user])
    ours = ["unshare", "--user", "--map-user", uid, "--map-group", uid, "--", *end_with_parent()]
    return [*_with_mounts(folder, as_root=False), *ours, *command]


def as_root(folder: Path, command: Sequence[str]) -> list[str]:
    """Return the command line that runs a server as root, or where we are not root, as one who takes itself for it.

    It sees its folder at SPOOL: the users among whom it shares its work may not pass through the folders above ours.
    """
    if os.geteuid() == 0:
        return [*_with_mounts(folder, as_root=True), *end_with_parent(), *command]
    feigned = ["env", "FAKEROOTDONTTRYCHOWN=1", *end_with_parent(), "fakeroot-sysv", "--", *end_with_parent()]
    return [*_with_mounts(folder, as_root=False), *feigned, *command]


def first_line_of(command: Sequence[str]) -> str:
    """Run a command of such a server and return the first line that it says. Raises StartFailedError."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    said = (done.stdout if done.returncode == 0 else done.stderr).strip().splitlines()
    if done.returncode:
        raise StartFailedError(said[0] if said else f"{command[0]} ended with {done.returncode}.")
    return said[0]


def _with_mounts(folder: Path, *, as_root: bool) -> list[str]:
    """Return what goes before a command. as_root: by a right that we have, not by one given in the namespace."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "passwd").write_text("".join(f"{name}:x:{uid}:{uid}::/:/bin/false\n" for name, uid in USERS.items()))
    (folder / "group").write_text("".join(f"{name}:x:{uid}:\n" for name, uid in USERS.items()))
    mounts = [f"mount --bind {shlex.quote(str(folder / name))} /etc/{name}" for name in ("passwd", "group")]
    mounts.append(f"mount --bind {shlex.quote(str(folder))} {SPOOL}")
    if UNPACKED.exists():
        mounts.insert(0, f"cd {shlex.quote(str(UNPACKED))} && mount -t overlay -o lowerdir=usr:/usr none /usr")
    script = " && ".join([*mounts, f"cd {SPOOL}", 'exec "$@"'])
    right = ["--mount"] if as_root else ["--user", "--map-root-user", "--mount"]
    return ["unshare", *right, "--", "sh", "-c", script, "sh"]
