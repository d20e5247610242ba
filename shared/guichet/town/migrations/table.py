"""The migrations of town files, in order. A number is never used twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from guichet.contracts.channels import Words
from guichet.town.migrations import (
    m0002_of_the_first_towns,
    m0003_of_one_territory,
    m0004_of_appeals_and_ways_in,
    m0005_of_acknowledgements,
)

Files = Mapping[str, str]
"""Texts by their path in the town's folder."""


@dataclass(frozen=True)
class TownMigration:
    """number: the version that a folder has afterwards. what: it does, as whoever keeps the folder reads it."""

    number: int
    what: Words
    run: Callable[[Files], Files]


MIGRATIONS: Final = (
    TownMigration(
        2,
        Words(
            fr="ajoute les textes des accusés réunis et des envois abusifs, et nomme dans channels.yaml les canaux qui "
            "étaient ouverts sans y être",
            en="adds the texts of gathered receipts and of abusive messages, and names in channels.yaml the channels "
            "that were open without standing there",
        ),
        m0002_of_the_first_towns.run,
    ),
    TownMigration(
        3,
        Words(
            fr="dit dans town.yaml par « territory » seul dans quelle partie de la France est la commune, et retire "
            "« alsace_moselle »",
            en="says in town.yaml by `territory` alone in which part of France the town lies, and takes "
            "`alsace_moselle` away",
        ),
        m0003_of_one_territory.run,
    ),
    TownMigration(
        4,
        Words(
            fr="ajoute à town.yaml le tribunal où l’on fait recours (« court », à confirmer) et, pour un canal "
            "contact_only, la voie par laquelle on saisit la ville (« seize_at » : la page des conditions)",
            en="adds to town.yaml the court where one appeals (`court`, to be confirmed) and, for a channel that is "
            "contact_only, the way that does seize the town (`seize_at`: the page of the terms)",
        ),
        m0004_of_appeals_and_ways_in.run,
    ),
    TownMigration(
        5,
        Words(
            fr="ajoute les textes des accusés de réception, à relire par votre juriste",
            en="adds the texts of acknowledgements, for your lawyer to read",
        ),
        m0005_of_acknowledgements.run,
    ),
)
FIRST: Final = 1
"""Of a folder that says no version."""
CURRENT: Final = MIGRATIONS[-1].number
