"""A filled store that is kept in a folder: the next run asks it, instead of filling one for most of an hour."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from guichet_bench.rows import Row
from tests.scale.figures import Figures

FILLING: Final = ("fill", "index")
_FILE: Final = "filled.json"


@dataclass(frozen=True)
class Filled:
    """What it took. cases: how many lie there. rows, seconds: of the parts of the filling."""

    cases: int
    rows: Mapping[str, Figures]
    seconds: Mapping[str, float]

    @classmethod
    def found_in(cls, folder: Path, cases: int) -> Self | None:
        """Return what lies there; None where nothing was filled to its end. Raises ValueError for another size."""
        if not (folder / _FILE).exists():
            return None
        said = json.loads((folder / _FILE).read_text("utf-8"))
        if said["cases"] != cases:
            raise ValueError(f"{folder} holds {said['cases']:,} cases: ask for so many (SCALE_CASES), or remove it.")
        rows = {
            part: Figures([Row(name, (value,), unit) for name, value, unit in figures])
            for part, figures in said["rows"].items()
        }
        return cls(cases, rows, said["seconds"])

    def write(self, folder: Path) -> None:
        """Say in the folder that it is filled."""
        rows = {
            part: [(row.figure, row.median, row.unit) for row in figures.rows] for part, figures in self.rows.items()
        }
        said = {"cases": self.cases, "rows": rows, "seconds": dict(self.seconds)}
        (folder / _FILE).write_text(json.dumps(said, indent=1), "utf-8")
