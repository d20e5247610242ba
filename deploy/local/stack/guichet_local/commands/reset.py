"""Forgetting everything that the local stack holds."""

import shutil
from pathlib import Path
from typing import Final

from guichet_local.errors import AlreadyRunningError
from guichet_local.machine.paths import CLOCK
from guichet_local.processes.supervisor import Supervisor

# Named one by one: the cache and whatever else lies in the folder stays.
DATA: Final = ("kafka", "mongodb", "objects", "secrets", "tls", "prepared", "logs", "supervisor")
QUESTION: Final = "This deletes every case, message, key and password in {folder}, for good. Type yes to go on: "


def reset(folder: Path, supervisor: Supervisor) -> None:
    """Delete the stack's data. Raises AlreadyRunningError while it runs."""
    if supervisor.is_running:
        raise AlreadyRunningError("Guichet runs: stop it first, with `make stop`.")
    for name in DATA:
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / CLOCK).unlink(missing_ok=True)


def is_confirmed(answer: str) -> bool:
    """Only the whole word counts."""
    return answer.strip().lower() in {"yes", "oui"}
