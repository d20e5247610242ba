"""The town's configuration: everything a town decides, read from its folder and checked at start."""

from guichet.town.load import load_town
from guichet.town.town import Town

__all__ = ["Town", "load_town"]
