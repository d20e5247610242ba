"""Run what a store has not been through yet, one process at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import Final, cast

from guichet.migrations.checks import refuse_newer
from guichet.migrations.context import MigrationContext, Steps
from guichet.mongo.lease import Lease, TakenError
from guichet.store.setup.migration_records import MigrationRecords, unfinished
from guichet.store.setup.migration_table import MIGRATIONS, Migration

Run = Callable[[MigrationContext, Steps], Awaitable[None]]
Say = Callable[[str], None]
Report = Callable[[str, int], None]
"""Called with a migration's name and how many documents it has done so far."""

LOOKING_AGAIN_EVERY: Final = timedelta(seconds=1)


def load(migration: Migration) -> Run:
    """Return what a migration runs."""
    return cast(Run, import_module(f"guichet.migrations.{migration.module}").run)


async def migrate(
    records: MigrationRecords,
    open_context: Callable[[], AbstractAsyncContextManager[MigrationContext]],
    *,
    say: Say,
    report: Report = lambda _name, _count: None,
    migrations: Sequence[Migration] = MIGRATIONS,
    run_of: Callable[[Migration], Run] = load,
) -> list[Migration]:
    """Run, in order, what is not done, and return it. While another process migrates, wait for it.

    Raises TransientError, SettingsError (a key is missing; a newer version has been here).
    """
    if not await _pending(records, migrations):
        return []
    async with _lease(records, say) as lease, open_context() as context:
        pending = await _pending(records, migrations)  # another process may have done some
        for migration in pending:
            await _run_one(migration, run_of(migration), context, records, lease, report)
            say(f"Migration {migration.number} ({migration.name}) is done.")
        return pending


async def _pending(records: MigrationRecords, migrations: Sequence[Migration]) -> list[Migration]:
    there = await records.all()
    refuse_newer(there, migrations)
    waiting = set(unfinished(there, [each.number for each in migrations]))
    return [each for each in migrations if each.number in waiting]


@asynccontextmanager
async def _lease(records: MigrationRecords, say: Say) -> AsyncIterator[Lease]:
    """Wait for the lease as long as another process has it, and keep it until the end."""
    async with AsyncExitStack() as stack:
        announced = False
        while (lease := await _try_to_take(records, stack, say, announced=announced)) is None:
            announced = True
            await asyncio.sleep(LOOKING_AGAIN_EVERY.total_seconds())
        yield lease


async def _try_to_take(records: MigrationRecords, stack: AsyncExitStack, say: Say, *, announced: bool) -> Lease | None:
    try:
        return await stack.enter_async_context(records.lease())
    except TakenError as exc:
        if not announced:
            say(f"Waiting: {exc}")
        return None


async def _run_one(
    migration: Migration,
    run: Run,
    context: MigrationContext,
    records: MigrationRecords,
    lease: Lease,
    report: Report,
) -> None:
    record = await records.begin(migration.number, migration.name, context.clock())
    await run(context, Steps(record, records, lease, partial(report, migration.name)))
    await lease.keep()
    await records.finish(migration.number, context.clock())
