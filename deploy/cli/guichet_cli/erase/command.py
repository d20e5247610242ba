"""`guichet erase CITIZEN --decision REF`: list what would go, have it erased, print the certificate (GDPR art. 17)."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated

import typer

from guichet.contracts.privacy import CancelErasure, ErasureRequested
from guichet.erasure.opening import open_finder
from guichet.errors import PermanentError
from guichet.ids import CitizenId, EventId
from guichet.kafka.produce.publisher import KafkaPublisher
from guichet.mongo.client import connect, connect_vault
from guichet.privacy.pseudonyms import erased_citizen_tag
from guichet.privacy.signing import Signer
from guichet.runtime.settings import (
    KafkaSettings,
    MongoSettings,
    OpeningSettings,
    SecretKey,
    SigningSettings,
    TownSettings,
    read_settings,
)
from guichet.store.audit.trail import MongoAuditTrail
from guichet.town.loading import load_town
from guichet.vault.erasure_ledger.entry import Certificate, ErasureStep
from guichet.vault.erasure_ledger.ledger import MongoErasureLedger
from guichet.vault.mongo_vault import open_vault
from guichet_cli.console.clock import operators_now
from guichet_cli.console.operator import operator
from guichet_cli.console.run import run
from guichet_cli.erase.certificate_text import certificate_text
from guichet_cli.erase.detach import when_it_begins
from guichet_cli.erase.request import ErasureRequests, WhatWouldGo, missing_for
from guichet_cli.erase.texts import (
    CANNOT_BE_UNDONE,
    NO_DPO,
    cannot_be_cancelled,
    listing,
    news,
    no_certificate,
    nothing_left,
)

REFUSED = 2  # nothing was asked for: the call lacks what the law wants
CLIENT = "guichet-cli"

Citizen = Annotated[str | None, typer.Argument(help="The registry's id, as `guichet citizens find` tells it.")]
Decision = Annotated[str | None, typer.Option(help="Reference of the data protection officer's decision.")]
Visa = Annotated[str | None, typer.Option(help="Reference of the archives' visa; needed where a case would go.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="List what would go, and ask for nothing.")]
Detach = Annotated[bool, typer.Option("--detach", help="Return once it is known when it begins.")]
Again = Annotated[str | None, typer.Option("--certificate", metavar="REQUEST", help="Print a certificate again.")]
Cancel = Annotated[str | None, typer.Option(metavar="REQUEST", help="Stop an erasure that has not begun.")]
Json = Annotated[bool, typer.Option("--json", help="The certificate as JSON.")]


class EraseSettings(KafkaSettings, MongoSettings, OpeningSettings, SigningSettings):
    """registry_key, sector_key: the router's; they lead from a citizen to what is theirs. ledger_key: gdpr-worker's."""

    registry_key: SecretKey
    sector_key: SecretKey
    ledger_key: SecretKey


def erase(  # noqa: PLR0913, PLR0917 — what an operator may say
    citizen: Citizen = None,
    decision: Decision = None,
    visa: Visa = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    detach: Detach = False,
    certificate: Again = None,
    cancel: Cancel = None,
    json: Json = False,
) -> None:
    """Erase a person for good: first what would go is listed, then it is asked for and followed to the certificate.

    Status 2: the DPO's decision or the archives' visa is missing, nothing was asked for.
    """
    if sum(each is not None for each in (citizen, certificate, cancel)) != 1:
        raise typer.BadParameter("name a citizen, or give --certificate REQUEST, or --cancel REQUEST")
    if cancel is not None:
        typer.echo(run(lambda: _cancel(EventId(cancel))))
        return
    if certificate is not None:
        _print(run(lambda: _certificate(EventId(certificate))), json=json)
        return
    assert citizen is not None
    would_go = run(lambda: _look(CitizenId(citizen)))
    request_id = _asked(would_go, decision, visa, yes=yes, dry_run=dry_run)
    if request_id is None:
        return
    typer.echo(f"Erasure {request_id}; it goes on without this command.")
    if detach:
        typer.echo(run(lambda: _leave(request_id)))
        return
    _print(run(lambda: _follow(request_id)), json=json)


def _asked(
    would_go: WhatWouldGo, decision: str | None, visa: str | None, *, yes: bool, dry_run: bool
) -> EventId | None:
    """Return the erasure to follow: the one under way, or a new one once all is in order; None for a dry run."""
    if would_go.under_way is not None:
        typer.echo(no_certificate(would_go.under_way))
        return None if dry_run else would_go.under_way.request_id
    if would_go.belongings.is_empty:
        typer.echo(nothing_left(would_go.citizen, would_go.before), err=True)
        raise typer.Exit(1)
    typer.echo("\n".join(listing(would_go)))
    if dry_run:
        return None
    if missing := missing_for(would_go.belongings, decision, visa):
        typer.echo(missing, err=True)
        raise typer.Exit(REFUSED)
    if load_town(read_settings(TownSettings).town).dpo is None:
        typer.echo(NO_DPO, err=True)
        raise typer.Exit(REFUSED)
    if not yes:
        typer.confirm(CANNOT_BE_UNDONE, abort=True)
    asked = ErasureRequested(
        event_id=EventId(secrets.token_hex(16)),
        occurred_at=operators_now(),
        citizen=would_go.citizen,
        requested_by=operator(),
        decision=(decision or "").strip(),
        visa=(visa or "").strip() or None,
    )
    run(lambda: _hand_over(asked))
    return asked.event_id


async def _look(citizen: CitizenId) -> WhatWouldGo:
    async with _requests() as requests:
        return await requests.what_would_go(citizen)


async def _hand_over(asked: ErasureRequested) -> None:
    async with _requests() as requests:
        await requests.ask(asked)


async def _cancel(request_id: EventId) -> str:
    """Return what to say once it is cancelled. Raises PermanentError when it is not, and says why."""
    async with _requests() as requests:
        entry = await requests.ledger.find(request_id)
        if entry is None:
            raise PermanentError(f"The ledger has no erasure {request_id}.")
        if not entry.can_be_cancelled:
            raise PermanentError(cannot_be_cancelled(entry))
        await requests.cancel(
            CancelErasure(
                event_id=EventId(secrets.token_hex(16)),
                occurred_at=operators_now(),
                request_id=request_id,
                cancelled_by=operator(),
            )
        )
        async for later in requests.follow(request_id):
            if later is None or later.can_be_cancelled:
                continue
            if later.step is ErasureStep.CANCELLED:
                return no_certificate(later)
            raise PermanentError(cannot_be_cancelled(later))
    raise AssertionError("followed to the end")


async def _leave(request_id: EventId) -> str:
    async with _requests() as requests:
        return await when_it_begins(requests, request_id)


async def _follow(request_id: EventId) -> Certificate:
    shown: set[str] = set()
    async with _requests() as requests:
        async for entry in requests.follow(request_id):
            if entry is None:
                typer.echo("          waiting until gdpr-worker takes the request")
                continue
            for line in news(entry, shown):
                typer.echo(line)
            if entry.certificate is not None:
                return entry.certificate
            if entry.finished:
                raise PermanentError(no_certificate(entry))
    raise AssertionError("followed to the end")


async def _certificate(request_id: EventId) -> Certificate:
    vault_database = connect_vault(read_settings(OpeningSettings))
    try:
        entry = await MongoErasureLedger(vault_database).find(request_id)
    finally:
        vault_database.client.close()
    if entry is None:
        raise PermanentError(f"The ledger has no erasure {request_id}.")
    if entry.certificate is None:
        raise PermanentError(no_certificate(entry))
    return entry.certificate


def _print(certificate: Certificate, *, json: bool) -> None:
    if json:
        typer.echo(certificate.model_dump_json(indent=2))
        return
    town = load_town(read_settings(TownSettings).town)
    departments = {name: department.name for name, department in town.departments.items()}
    typer.echo("\n" + certificate_text(certificate, town.name, lambda name: departments.get(name, name)))


@asynccontextmanager
async def _requests() -> AsyncIterator[ErasureRequests]:
    settings = read_settings(EraseSettings)
    database, vault_database = connect(settings), connect_vault(settings)
    finder = open_finder(
        database,
        open_vault(settings, operators_now),
        registry_key=settings.registry_key.get_secret_value(),
        sector_key=settings.sector_key.get_secret_value(),
    )
    try:
        signer = Signer(settings.signing_key.get_secret_value())
        async with KafkaPublisher(settings, CLIENT, signer=signer) as publisher:
            yield ErasureRequests(
                finder=finder,
                ledger=MongoErasureLedger(vault_database),
                audit=MongoAuditTrail(database),
                publisher=publisher,
                by=operator(),
                tag=partial(erased_citizen_tag, settings.ledger_key.get_secret_value()),
            )
    finally:
        database.client.close()
        vault_database.client.close()
