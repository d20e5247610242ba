"""The real ClamAV daemon of the tests, with one signature: that of EICAR's harmless test file. Nothing is fetched."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from guichet_local.machine.paths import LOCAL
from guichet_local.machine.process import wait_until

UNPACKED: Final = LOCAL / "clamav"  # by deploy/bootstrap.sh antivirus
# The first 68 bytes of https://www.eicar.org/download-anti-malware-testfile/, here and in the tests never in one piece.
EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE: Final = f"Eicar-Test-Signature:0:0:{EICAR.hex()}\n"  # an extended signature: name, any file, offset 0, bytes


def find_clamd() -> Path | None:
    """Return a daemon, or None where there is none."""
    unpacked = UNPACKED / "usr" / "sbin" / "clamd"
    found = shutil.which("clamd")
    return unpacked if unpacked.exists() else Path(found) if found else None


@contextmanager
def running_clamd(binary: Path, folder: Path) -> Iterator[Path]:
    """Run a daemon in a folder of its own; yield its socket."""
    database, socket = folder / "database", folder / "clamd.socket"
    database.mkdir(parents=True)
    (database / "eicar.ndb").write_text(SIGNATURE)
    (folder / "clamd.conf").write_text(
        f"Foreground yes\nDatabaseDirectory {database}\nLocalSocket {socket}\nTemporaryDirectory {folder}\n"
        "StreamMaxLength 1M\nAlertExceedsMax yes\n"
    )
    libraries = os.pathsep.join(str(each.parent) for each in UNPACKED.glob("usr/lib/*/libclamav.so.*"))
    with (folder / "clamd.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            [binary, "--config-file", folder / "clamd.conf"],
            env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": libraries},
            stdout=log,
            stderr=log,
        )
        try:
            wait_until(socket.exists, "clamd listens")
            yield socket
        finally:
            process.terminate()
            process.wait()
