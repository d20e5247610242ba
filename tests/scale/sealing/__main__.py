"""`python -m tests.scale.sealing CASES FIRST END NOW`: one process of the bulk sealer, under the rights of an import.

Tells and seals the cases of these numbers (of CASES in all), by the code that takes an export in; prints how many are
stored after each part, and the seconds of CPU that it took here. NOW: the moment at which all processes tell, ISO 8601.
"""

import asyncio
import sys
from datetime import datetime
from time import process_time

from guichet.mongo.client import closing, connect, connect_vault
from guichet.runtime.settings import read_settings
from guichet.store.objects import ObstoreObjects
from guichet.store.setup.arrival import Arrival
from guichet.town.load import load_town
from guichet_bench.french import FrenchWords
from guichet_cli.demo.command import DemoSettings
from guichet_cli.demo.month import Keys, lines_of
from guichet_cli.town_export.at_rest import AtRest
from guichet_cli.town_export.import_walk import Intake
from tests.scale.sealing.years import AT_ONCE, Years, who_answers


async def seal(cases: int, first: int, end: int, now: datetime) -> None:
    """Store the cases of these numbers."""
    settings = read_settings(DemoSettings)
    town = load_town(settings.town)
    keys = Keys(*(key.get_secret_value() for key in (settings.registry_key, settings.sector_key, settings.thread_key)))
    years = Years(cases, town, keys, str(settings.portal_url), now, FrenchWords(), who_answers(town, now))
    with closing(connect(settings)) as database, closing(connect_vault(settings)) as vault_database:
        intake = Intake(
            arrival=Arrival(database),
            vault=settings.vault_in(vault_database),
            objects=ObstoreObjects(settings.objects_url),
            at_rest=AtRest(settings.claims(), now),
            beat=_quietly,
        )
        begun = process_time()
        for month in years.parts(first, end):
            for kind, lines in lines_of(month, town, keys, now, at_once=AT_ONCE):
                await intake.take_lines(kind, lines)
            sys.stdout.write(f"{len(month.stories)} {process_time() - begun:.3f}\n")
            sys.stdout.flush()
            begun = process_time()


async def _quietly(_kind: str, _count: int) -> None:
    """Say nothing: what is stored is told by the part."""


if __name__ == "__main__":
    asyncio.run(seal(*map(int, sys.argv[1:4]), datetime.fromisoformat(sys.argv[4])))
