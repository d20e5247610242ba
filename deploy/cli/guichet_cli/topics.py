"""`guichet topics create`: make Kafka hold what the topic registry says. Repeating it changes nothing."""

from typing import Annotated

import typer

from guichet.kafka.topics import create_topics
from guichet.runtime.settings import KafkaSettings, read_settings
from guichet_cli.running import run

app = typer.Typer(help="Kafka's topics.", no_args_is_help=True)

Replication = Annotated[
    int,
    typer.Option(
        min=1, envvar="GUICHET_KAFKA_REPLICATION", help="Copies of each record; 3 on a cluster of three or more."
    ),
]


@app.callback()
def topics() -> None:
    """Keep the sub-command's name even while there is only one."""


@app.command()
def create(replication: Replication = 1) -> None:
    """Create what is missing and configure all of it; to run at each deployment."""
    run(lambda: create_all(replication))


async def create_all(replication: int) -> None:
    """See `create`. Raises SettingsError, TransientError, PermanentError."""
    created = await create_topics(read_settings(KafkaSettings), replication=replication)
    typer.echo(f"Topics are ready ({len(created)} new).")
