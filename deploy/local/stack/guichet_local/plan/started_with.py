"""What a stack was started with, kept for the commands that come after it: `make guichet`, `make top`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from guichet_local.machine.private_file import write_private
from guichet_local.plan.ports import PortPlan


@dataclass(frozen=True)
class StartedWith:
    """ports: where its parts listen. settings: the GUICHET_… variables that its starter gave, secrets among them."""

    ports: PortPlan = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


def remember_start(folder: Path, started: StartedWith) -> None:
    """Write it down (0600: a setting may be a secret) in the supervisor's folder, which is there."""
    write_private(_file(folder), json.dumps(asdict(started)))


def recall_start(folder: Path) -> StartedWith:
    """What `remember_start` wrote; nothing where a stack was started that wrote none."""
    try:
        return StartedWith(**json.loads(_file(folder).read_text()))
    except FileNotFoundError:
        return StartedWith()


def _file(folder: Path) -> Path:
    return folder / "supervisor" / "started_with.json"
