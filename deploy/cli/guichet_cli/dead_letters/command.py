"""`guichet dead-letters`: list, show, replay or drop what a service could not handle (docs/operations.md)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer

from guichet.contracts.dead_letters import DeadLetter, DeadLetterContent
from guichet.errors import PermanentError, SettingsError
from guichet.ids import EventId
from guichet.kafka.dead_letters.index import DeadLetterIndex, IndexedLetter, operators_producer, without_record
from guichet.mongo.client import closing, connect
from guichet.runtime.settings import (
    KafkaSettings,
    MongoSettings,
    ObjectSettings,
    OpeningSettings,
    TownSettings,
    read_settings,
)
from guichet.store.audit.trail import MongoAuditTrail
from guichet.store.objects import ObstoreObjects
from guichet.town.channel_facts import known_channels
from guichet.vault.mongo_vault import open_vault
from guichet_cli.console.command import command_group, operator, operators_now, run
from guichet_cli.console.private_file import write_private
from guichet_cli.console.terminal_text import legible, on_one_line
from guichet_cli.dead_letters.actions import DeadLetterActions, choose_open, consequence, find
from guichet_cli.dead_letters.payload_redelivery import Adapters
from guichet_cli.dead_letters.redelivery import RedeliveryError

app = command_group("Decide about what a service could not handle.")

Ids = Annotated[list[str] | None, typer.Argument(help="Ids, or their beginnings.")]
Everything = Annotated[bool, typer.Option("--all", help="Every open one.")]
Save = Annotated[Path | None, typer.Option(help="Write the bytes, all of them, to a new file that you alone may read.")]
Reason = Annotated[str, typer.Option(help="Why; it stands in the audit trail. Name no citizen.")]


@app.command("list")
def list_letters(everything: Annotated[bool, typer.Option("--all", help="Those decided upon, too.")] = False) -> None:
    """List the dead letters that wait: id, since, topic, partition/offset, given up by, reason, error, state."""
    index = run(_list)
    shown = [indexed for indexed in index.values() if everything or indexed.is_open]
    if not shown:
        typer.echo("No dead letter waits.")
        return
    for indexed in shown:
        typer.echo(_line(indexed))


@app.command()
def show(letter_id: Annotated[str, typer.Argument(help="Id, or its beginning.")], save: Save = None) -> None:
    """Show what lies in one: personal data. Needs the vault's root key, and is recorded in the audit trail."""
    letter, record = run(lambda: _show(letter_id, save))
    typer.echo(_shown(letter, record))


@app.command()
def replay(reason: Reason, ids: Ids = None, everything: Everything = False) -> None:
    """Give records to their group, payloads to their adapter again, once what stopped them is mended.

    What cannot be replayed is named and left open; status 1 then.
    """
    _require_a_choice(ids, everything)
    if skipped := run(lambda: _replay(ids or [], reason, everything=everything)):
        typer.echo(f"{skipped} not replayed; still open.", err=True)
        raise typer.Exit(1)


@app.command()
def drop(reason: Reason, ids: Ids = None, everything: Everything = False) -> None:
    """Give records up for good, and say what will not happen because of it."""
    _require_a_choice(ids, everything)
    run(lambda: _drop(ids or [], reason, everything=everything))


def _require_a_choice(ids: list[str] | None, everything: bool) -> None:
    if bool(ids) == everything:
        raise typer.BadParameter("name dead letters, or give --all")


def _index() -> DeadLetterIndex:
    """Return an index that holds no bytes: a flood of large letters must not take the means against it away."""
    return DeadLetterIndex(read_settings(KafkaSettings), kept=without_record)


async def _list() -> Mapping[EventId, IndexedLetter]:
    async with _index() as index:
        return await index.letters()


async def _show(letter_id: str, save: Path | None) -> tuple[DeadLetter, DeadLetterContent]:
    async with _index() as index:
        letter = await index.whole(find(await index.letters(), letter_id).letter)
    async with _actions() as actions:
        record = await actions.show(letter)
        if save is not None:
            write_private(save, await actions.whole(letter, record))
        return letter, record


async def _replay(ids: list[str], reason: str, *, everything: bool) -> int:
    """Return how many were skipped. Each is told as soon as it is done: what follows may fail."""
    async with _index() as index:
        letters = choose_open(await index.letters(), ids, everything=everything)
        async with _actions() as actions:
            return sum([not await _is_replayed(actions, index, letter, reason) for letter in letters])


async def _is_replayed(actions: DeadLetterActions, index: DeadLetterIndex, letter: DeadLetter, reason: str) -> bool:
    try:
        await actions.replay(await index.whole(letter), reason)
    except (PermanentError, SettingsError, RedeliveryError) as refusal:
        typer.echo(f"{letter.event_id} skipped: {legible(str(refusal))}", err=True)  # a package may have worded it
        return False
    typer.echo(f"{letter.event_id} replayed to {letter.group} on {letter.topic}.")
    return True


async def _drop(ids: list[str], reason: str, *, everything: bool) -> None:
    letters = choose_open(await _list(), ids, everything=everything)
    async with _actions() as actions:
        for letter in letters:
            await actions.drop(letter, reason)
            typer.echo(f"{letter.event_id} dropped. {consequence(letter)}")


@asynccontextmanager
async def _actions() -> AsyncIterator[DeadLetterActions]:
    vault = open_vault(read_settings(OpeningSettings), operators_now)
    objects = ObstoreObjects(read_settings(ObjectSettings).objects_url)
    known = known_channels(read_settings(TownSettings).town)
    with closing(connect(read_settings(MongoSettings))) as database:
        async with operators_producer(read_settings(KafkaSettings)) as producer, Adapters(known) as adapters:
            audit = MongoAuditTrail(database)
            yield DeadLetterActions(vault, audit, producer, objects, operator(), adapters.redelivery_of)


def _line(indexed: IndexedLetter) -> str:
    """One dead letter, in columns that a script can cut."""
    letter = indexed.letter
    position = "payload" if letter.partition is None else f"{letter.partition}/{letter.offset}"
    state = "open" if indexed.closed is None else indexed.closed.act
    what = f"{letter.topic:<17} {position:<9} {letter.group:<14} {letter.reason:<16} {letter.error:<20} {state}"
    return on_one_line(f"{letter.event_id[:12]} {letter.occurred_at:%Y-%m-%dT%H:%M:%SZ} {what}")


def _shown(letter: DeadLetter, record: DeadLetterContent) -> str:
    position = "payload" if letter.partition is None else f"{letter.partition}/{letter.offset}"
    headers = ", ".join(f"{name}={value.decode('utf-8', 'replace')}" for name, value in record.headers)
    about = (
        f"dead letter  {letter.event_id}",
        f"place        {letter.topic} {position}",
        f"given up by  {letter.group} at {letter.occurred_at:%Y-%m-%d %H:%M:%S} UTC",
        f"reason       {letter.reason} ({letter.error})",
        f"about        event {letter.about or '?'}, message {letter.message_id or '?'}",
        f"key          {(record.key or b'').decode('utf-8', 'replace')}",
        f"headers      {headers or '-'}",
        *_aside_lines(letter),
    )
    texts = legible(record.value.decode("utf-8", "replace")), legible(record.error_text)
    return "\n".join((*map(on_one_line, about), "", texts[0], "", texts[1]))


def _aside_lines(letter: DeadLetter) -> list[str]:
    if letter.aside is None:
        return []
    return [
        f"whole        {letter.aside.size_bytes} bytes, of which this is the beginning: `show --save FILE` writes all"
    ]
