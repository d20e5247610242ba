"""How many columns the tiles stand in, so that no row ends in a hole. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_COLUMNS = 4  # 18 rem each: what a window of 1280 px holds


@dataclass(frozen=True)
class Grid:
    """columns, rows: of the page at its widest; spare: places that the last wide tile takes besides its two."""

    columns: int
    rows: int
    spare: int

    @property
    def classes(self) -> str:
        """Return what the stylesheet knows the grid by."""
        return f"columns-{self.columns} {'one-row' if self.rows == 1 else 'more-rows'}"


def grid_of(wide: Sequence[bool]) -> Grid:
    """Return the grid for these tiles, in their order: a wide one takes two places, and fills the last row's hole."""
    places = sum(2 if each else 1 for each in wide)
    if places <= MOST_COLUMNS:
        return Grid(max(places, 1), 1, 0)
    columns = min((4, 3), key=lambda count: -places % count)
    spare = -places % columns if any(wide) else 0
    return Grid(columns, -(-places // columns), min(spare, columns - 2))
