"""`python -m guichet_local.machine.wait_for_room FOLDER COMMAND …`: wait until its disk has room, then be the command.

A broker that is started again on a full disk harms what it holds: Kafka 4.3.1 then could not write a segment's index
anew, took the segment for corrupt and deleted it, that of its own metadata too ("Found invalid offset during
recovery. Deleting the corrupt segment"), after which no topic was known any more. So whoever keeps it alive must not
start it there.
"""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Final

# To recover, Kafka writes two indexes of 10 MB for a segment at a time, mongod a file of its journal of 100 MB.
LEAST_FREE_BYTES: Final = 256 << 20
LOOKS_EVERY_S: Final = 1.0


def after_room(folder: Path) -> list[str]:
    """Return what to put before a command that must not start while this folder's disk is full."""
    return [sys.executable, "-m", "guichet_local.machine.wait_for_room", str(folder)]


def main(folder: Path, command: list[str]) -> None:
    """Wait, saying so once; then nothing of us is left but the process."""
    if not has_room(folder):
        sys.stderr.write(f"No room on the disk of {folder}: waiting, and starting nothing there.\n")
        sys.stderr.flush()
    while not has_room(folder):
        time.sleep(LOOKS_EVERY_S)
    os.execvp(command[0], command)  # noqa: S606  the program that we were told


def has_room(folder: Path, least: int = LEAST_FREE_BYTES) -> bool:
    """Return whether the disk has room enough to recover on. A folder that is not there yet is its parent's."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return shutil.disk_usage(there).free >= least


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
