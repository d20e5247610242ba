"""`make install-server`: install Guichet on an empty Debian by the commands of docs/going-live.md, and write to the town;
then upgrade it and go back by those of docs/upgrading.md.

Linux, root, systemd-nspawn and debootstrap. The machine has a network of its own with nobody on it: what a server
fetches lies ready (supplies.py). Said instead of what the document says: INSTEAD, and nothing else.
"""

import os
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from guichet_local.machine.paths import CACHE, REPOSITORY
from tests.install_server.between_versions import there_and_back, what_cannot_be_put_in_place
from tests.install_server.commands import commands_of
from tests.install_server.machine import Machine, copy_of
from tests.install_server.next_versions import make_next_versions
from tests.install_server.observed import after_reboot, look_around, two_mails
from tests.install_server.report import say
from tests.install_server.supplies import BASE, SUPPLIES, gather

HERE: Final = Path(__file__).parent
ROOT: Final = Path("/var/tmp") / f"guichet-install-{os.getpid()}"  # never among the repository's files
LOG: Final = SUPPLIES / "machine.log"
BINDS: Final = [
    *(f"{SUPPLIES}/{name}:/mnt/{name}" for name in ("packages", "wheels", "guichet.git")),
    f"{CACHE}:/mnt/cache",
]
INSTEAD: Final = {
    # It asks; here its answers lie in a file, and the passwords are filled in as it says at its end.
    "guichet town init": """guichet town init --answers /root/answers.yaml
sed -i 's/PASSWORD=$/PASSWORD=sesame/' /etc/guichet/secrets/given.env
cat >> /etc/guichet/guichet.env <<'END'
GUICHET_MONGODB_OLD_SERVER=accepted
GUICHET_SERVER_TLS=internal
GUICHET_SERVER_HANDED_OVER=contact@villiers.example
END""",
}
PROFILE: Final = "export GUICHET_REPOSITORY=/mnt/guichet.git\n"
WITHOUT_A_NETWORK: Final = {  # as a town writes where its packages come from
    "etc/pip.conf": "[global]\nno-index = true\nfind-links = /mnt/wheels\n",
    "etc/uv/uv.toml": 'offline = true\nlink-mode = "copy"\n',
}
NAMES: Final = (
    "localhost guichet imap.villiers.example mx.villiers.example guichet.villiers.example agents.villiers.example"
)


def main() -> int:
    """Run it all; return 0 when every step did what it should."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("systemd-nspawn", "debootstrap", "nsenter"))):
        say("This needs root, and systemd-nspawn and debootstrap: apt-get install systemd-container debootstrap")
        return 1
    with timed("gathered what a server with a network fetches"):
        gather()
        make_next_versions()
    try:
        minutes = _install()
    finally:
        shutil.rmtree(ROOT, ignore_errors=True)
    for heading, seconds in minutes.items():
        say(f"| {heading} | {seconds:.0f} s |")
    return 0


def _install() -> dict[str, float]:
    _lay_out(copy_of(BASE, ROOT))
    minutes: dict[str, float] = defaultdict(float)
    with Machine(ROOT, LOG, BINDS) as machine:
        with timed("the town's Postfix and Dovecot stand"):
            machine.run((HERE / "standing.sh").read_text())
        for command in commands_of((REPOSITORY / "docs" / "going-live.md").read_text()):
            began = time.monotonic()
            machine.run(INSTEAD.get(command.line, command.line))
            minutes[command.heading] += time.monotonic() - began
            say(command.line[:100], time.monotonic() - began)
            if command.line.startswith("git clone"):  # what install.sh would fetch
                machine.run("mkdir -p /opt/guichet/.local/cache && mount --bind /mnt/cache /opt/guichet/.local/cache")
        look_around(machine)
        minutes["First receipts, by hand-over and by IMAP"] = two_mails(machine, "before")
        minutes |= there_and_back(machine)
        with timed("versions that cannot be put in place, and back from each"):
            what_cannot_be_put_in_place(machine)
        two_mails(machine, "upgraded")
    binds = [*BINDS, f"{CACHE}:/opt/guichet/.local/cache"]
    began = time.monotonic()
    with Machine(ROOT, LOG, binds) as machine:
        after_reboot(machine)
        minutes["Switched off and on: until every service is ready"] = time.monotonic() - began
        two_mails(machine, "after")
    return minutes


def _lay_out(root: Path) -> None:
    """What the machine has before anybody types: its name, names of hosts, packages' lists, the test's own files."""
    (root / "etc/hostname").write_text("guichet\n")
    (root / "etc/hosts").write_text(f"127.0.0.1 {NAMES}\n")
    (root / "etc/profile.d/proof.sh").write_text(PROFILE)
    for name, text in WITHOUT_A_NETWORK.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    shutil.rmtree(root / "etc/apt/sources.list.d")
    (root / "etc/apt/sources.list").write_text("deb [trusted=yes] file:/mnt/packages ./\n")
    for name in ("answers.yaml", "citizen.py", "writer.py", "cases.py", "visit.py", "trail.py"):
        shutil.copy(HERE / name, root / "root" / name)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say how long it took."""
    began = time.monotonic()
    yield
    say(what, time.monotonic() - began)


if __name__ == "__main__":
    sys.exit(main())
