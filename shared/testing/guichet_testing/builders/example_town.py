"""The example town, read once: a `Town` never changes, and reading one takes a tenth of a second."""

from functools import cache
from pathlib import Path
from typing import Final

from guichet.town.load import load_town
from guichet.town.town import Town

EXAMPLE_TOWN: Final = Path(__file__).parents[4] / "deploy" / "local" / "town"


@cache
def the_example_town() -> Town:
    """Return the town of deploy/local/town."""
    return load_town(EXAMPLE_TOWN)
