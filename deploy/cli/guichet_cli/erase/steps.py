"""What `guichet erase` does, step by step: each opens the stores and the topic, and leaves them."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import typer

from guichet.contracts.privacy import CancelErasure, ErasureRequested
from guichet.data_subject.assemble import open_finder
from guichet.errors import PermanentError
from guichet.ids import CitizenId, EventId
from guichet.kafka.produce.publisher import KafkaPublisher
from guichet.mongo.client import closing, connect, connect_vault
from guichet.privacy.pseudonyms import erased_citizen_tag
from guichet.privacy.signing.records import Signer
from guichet.runtime.settings import (
    KafkaSettings,
    MongoSettings,
    OpeningSettings,
    SecretKey,
    SigningSettings,
    read_settings,
)
from guichet.store.audit.trail import MongoAuditTrail
from guichet.vault.erasure_ledger.entry import Certificate, ErasureStep
from guichet.vault.erasure_ledger.ledger import MongoErasureLedger
from guichet.vault.mongo_vault import open_vault
from guichet_cli.console.command import operator, operators_now
from guichet_cli.erase.detach import when_it_begins
from guichet_cli.erase.request import ErasureRequests, WhatWouldGo
from guichet_cli.erase.texts import (
    cannot_be_cancelled,
    news,
    no_certificate,
)

CLIENT = "guichet-cli"


class EraseSettings(KafkaSettings, MongoSettings, OpeningSettings, SigningSettings):
    """registry_key, sector_key: the router's; they lead from a citizen to what is theirs. ledger_key: gdpr-worker's."""

    registry_key: SecretKey
    sector_key: SecretKey
    ledger_key: SecretKey


async def look_up(citizen: CitizenId) -> WhatWouldGo:
    """Return what an erasure would take. Raises SettingsError, TransientError."""
    async with _requests() as requests:
        return await requests.what_would_go(citizen)


async def ask(asked: ErasureRequested) -> None:
    """Hand a request to gdpr-worker. Raises SettingsError, TransientError."""
    async with _requests() as requests:
        await requests.ask(asked)


async def cancel_erasure(request_id: EventId) -> str:
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


async def say_when_it_begins(request_id: EventId) -> str:
    """Return what to say to who leaves an erasure to itself. Raises SettingsError, TransientError."""
    async with _requests() as requests:
        return await when_it_begins(requests, request_id)


async def follow_to_the_end(request_id: EventId) -> Certificate:
    """Show each step and return the certificate. Raises PermanentError where it ends without one, TransientError."""
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


async def find_certificate(request_id: EventId) -> Certificate:
    """Return the certificate of an erasure that is done. Raises PermanentError where there is none, TransientError."""
    with closing(connect_vault(read_settings(OpeningSettings))) as vault_database:
        entry = await MongoErasureLedger(vault_database).find(request_id)
    if entry is None:
        raise PermanentError(f"The ledger has no erasure {request_id}.")
    if entry.certificate is None:
        raise PermanentError(no_certificate(entry))
    return entry.certificate


@asynccontextmanager
async def _requests() -> AsyncIterator[ErasureRequests]:
    settings = read_settings(EraseSettings)
    with closing(connect(settings)) as database, closing(connect_vault(settings)) as vault_database:
        finder = open_finder(
            database,
            open_vault(settings, operators_now),
            registry_key=settings.registry_key.get_secret_value(),
            sector_key=settings.sector_key.get_secret_value(),
        )
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
