"""`guichet topics create|rights`: make Kafka hold, and allow, what the topic registry says. Safe to repeat."""

from typing import Annotated

import typer

from guichet.errors import SettingsError
from guichet.kafka.admin.rights import password_variable, rights_in, users
from guichet.kafka.admin.topics import create_topics
from guichet.runtime.settings import KafkaDeploymentSettings, TownSettings, read_settings
from guichet.town.third_parties import hosts_of
from guichet_cli.console.command import command_group, run
from guichet_cli.console.users_file import read_passwords
from guichet_cli.topics.administrator import deployment_kafka

app = command_group("Prepare Kafka: topics, and who may use them.")

Replication = Annotated[
    int,
    typer.Option(
        min=1, envvar="GUICHET_KAFKA_REPLICATION", help="Copies of each record; 3 on a cluster of three or more."
    ),
]


@app.command()
def create(replication: Replication = 1) -> None:
    """Create what is missing and configure all of it; to run at each deployment."""
    run(lambda: create_all(replication))


@app.command()
def rights() -> None:
    """Make one user a service, with the rights that the registry says and no other; to run at each deployment."""
    run(give_rights)


async def create_all(replication: int) -> None:
    """Do what `guichet topics create` does. Raises SettingsError, TransientError, PermanentError."""
    created = await create_topics(deployment_kafka(), replication=replication)
    typer.echo(f"Topics are ready ({len(created)} new).")


async def give_rights() -> None:
    """Do what `guichet topics rights` does. Raises SettingsError, TransientError, PermanentError."""
    from guichet_cli.topics.rights import apply_rights, report_lines  # noqa: PLC0415  librdkafka; an open broker needs none

    kafka, file = deployment_kafka(), read_settings(KafkaDeploymentSettings).kafka_users_file
    if kafka.kafka_security == "plaintext":
        raise SettingsError("GUICHET_KAFKA_SECURITY is plaintext: an open broker gives everybody every right.")
    if file is None:
        raise SettingsError("GUICHET_KAFKA_USERS_FILE is not set: it names the file with each user's password.")
    hosts = hosts_of(read_settings(TownSettings).town)
    passwords = read_passwords(file, users(hosts), password_variable, setting="GUICHET_KAFKA_USERS_FILE")
    for line in report_lines(await apply_rights(kafka, rights_in(hosts), passwords)):
        typer.echo(line)


async def give_rights_where_there_are_any() -> None:
    """At deployment: an open broker has no rights to give, and some towns make users and ACLs themselves."""
    if deployment_kafka().kafka_security == "plaintext":
        typer.echo("Kafka is open: whoever reaches its port may do everything (GUICHET_KAFKA_SECURITY=plaintext).")
    elif read_settings(KafkaDeploymentSettings).kafka_users_file is None:
        typer.echo("Kafka's users and rights stay as they are (GUICHET_KAFKA_USERS_FILE is not set).")
    else:
        await give_rights()
