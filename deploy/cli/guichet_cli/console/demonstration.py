"""What an operator may not do in a demonstration: nobody outside hears of it (docs/decisions/0056)."""

from guichet.errors import GuichetError
from guichet.runtime.settings import TownSettings, read_settings
from guichet.town.demonstration import is_demonstration


def refuse_in_a_demonstration(consequence: str) -> None:
    """Raise GuichetError where the town is one. consequence: what therefore is not done, as a sentence goes on."""
    if is_demonstration(read_settings(TownSettings).town):
        raise GuichetError(f"This town is a demonstration (town.yaml): {consequence}.")
