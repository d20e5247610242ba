"""Which form of the town's files was applied: services read them once, at start, so a change asks for a restart."""

from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Final

from guichet_server.layout import TOWN_FILES
from guichet_server.render.everything import File

_FOR_PEOPLE: Final = frozenset({"checklist.yaml"})  # `guichet town done`; no service reads it


def town_files(folder: Path) -> dict[str, File]:
    """Return the file that says it: the hash of each file that services read."""
    found = sorted(chain(folder.glob("*.yaml"), folder.glob("*.geojson"), folder.glob("templates/**/*.txt")))
    lines = [
        f"{sha256(each.read_bytes()).hexdigest()}  {each.relative_to(folder)}\n"
        for each in found
        if each.name not in _FOR_PEOPLE
    ]
    return {TOWN_FILES: File("".join(lines))}
