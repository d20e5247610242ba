"""`guichet demo`: a month of an invented town, in an installation of its own (docs/decisions/0056)."""

from collections import Counter
from typing import Annotated

import typer
from pydantic import AnyHttpUrl

from guichet.errors import PermanentError
from guichet.migrations.checks import require_migrated
from guichet.mongo.client import closing, connect, connect_vault
from guichet.runtime.settings import read_settings
from guichet.store.deliveries.spending import Caps, MongoSpending, Spending
from guichet.store.objects import ObstoreObjects
from guichet.store.setup.arrival import Arrival
from guichet.town.load import load_town
from guichet.town.town import Town
from guichet_cli.console.command import operators_now, run
from guichet_cli.console.progress import Progress
from guichet_cli.demo.charges import charges_of
from guichet_cli.demo.month import Keys, Month, lines_of, make_month
from guichet_cli.town_export.at_rest import AtRest
from guichet_cli.town_export.export import ExportSettings
from guichet_cli.town_export.import_walk import Intake
from guichet_cli.town_export.kinds import KINDS

Seed = Annotated[int, typer.Option(help="Another number, another month.")]


class DemoSettings(ExportSettings):
    """portal_url: where citizens follow a case."""

    portal_url: AnyHttpUrl


def demo(seed: Seed = 1) -> None:
    """Fill a demonstration with a month of invented people and messages. Nothing is sent to anybody."""
    month, counts, portal = run(lambda: _fill(seed))
    typer.echo(f"{counts['cases']} cases of {len(month.people)} invented people are there. Nothing was sent.")
    typer.echo("Agents sign in once `guichet agents create` gave them a password. Citizens' pages, for instance:")
    for story in month.one_of_each_state():
        typer.echo(f"  {portal}suivi/{story.link.token} ({story.case.record.state})")


async def _fill(seed: int) -> tuple[Month, Counter[str], str]:
    settings, progress = read_settings(DemoSettings), Progress()
    town, now, portal = load_town(settings.town), operators_now(), str(settings.portal_url)
    _require_demonstration(town)
    keys = Keys(*(key.get_secret_value() for key in (settings.registry_key, settings.sector_key, settings.thread_key)))
    with closing(connect(settings)) as database, closing(connect_vault(settings)) as vault_database:
        await require_migrated(database)
        arrival = Arrival(database)
        if found := await arrival.first_with_documents(kind.collection for kind in KINDS if kind.returns):
            raise PermanentError(f"Something is in {found}: a demonstration has an installation of its own.")
        month = make_month(town, keys, portal, now, seed)
        intake = Intake(
            arrival=arrival,
            vault=settings.vault_in(vault_database),
            objects=ObstoreObjects(settings.objects_url),
            at_rest=AtRest(settings.claims(), now),
            beat=progress.beat,
        )
        for kind, lines in lines_of(month, town, keys, now):
            await intake.take_lines(kind, lines)
        await _count(month, town, MongoSpending(database))
        progress.end()
        return month, intake.counts, portal


def _require_demonstration(town: Town) -> None:
    if not town.demonstration:
        raise PermanentError(
            "This town is no demonstration. Say `demonstration: true` in the town.yaml of an installation of its own, "
            "before its services start: then nothing of it is ever sent."
        )


async def _count(month: Month, town: Town, spending: Spending) -> None:
    """Count what the month's letters would have cost, so that the console has something to show."""
    for charge in charges_of(month.stories, town):
        await spending.count(charge, Caps())
