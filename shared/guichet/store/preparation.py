"""Make every collection and index, in a deploy step (`guichet store prepare`), never from a service.

A store file says what it needs in two module-level constants, and is listed here:
    INDEXES: dict[str, list[IndexModel]]       collection → its indexes (an empty list: the collection alone)
    DATA_MAP: tuple[DataMapEntry, ...]         see guichet.privacy.data_map
A view of some fields of a collection, for who may read no others, is listed below too (guichet.mongo.views).
tests in shared/tests/store fail on a store file that is not listed.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from types import ModuleType
from typing import Any

from pymongo.errors import CollectionInvalid, OperationFailure

from guichet.migrations import NAMES
from guichet.mongo.client import Database, translate_errors
from guichet.mongo.ended import Ends
from guichet.mongo.views import View
from guichet.store import (
    abuse_declarations,
    agent_rights,
    agents,
    audit,
    case_erasing,
    case_history,
    case_reader,
    cases,
    catch_ups,
    citizen_reader,
    citizens,
    commands,
    deliveries,
    follow_views,
    followed_cases,
    identifiers,
    message_erasing,
    messages,
    migrations,
    receipt_counts,
    sessions,
    sign_in_places,
    sign_in_tries,
    threads,
)
from guichet.vault.erasure_ledger import ledger as erasures
from guichet.vault.keys import collections as vault_keys
from guichet.vault.rotation import records as turns

NAMESPACE_EXISTS = 48  # MongoDB's error code

STORE_FILES: tuple[ModuleType, ...] = (
    abuse_declarations,
    agent_rights,
    agents,
    audit,
    case_erasing,
    case_history,
    case_reader,
    cases,
    catch_ups,
    citizen_reader,
    citizens,
    commands,
    deliveries,
    follow_views,
    followed_cases,
    identifiers,
    message_erasing,
    messages,
    migrations,
    receipt_counts,
    sessions,
    sign_in_places,
    sign_in_tries,
    threads,
)
ENDING: tuple[Ends, ...] = tuple(file.ENDS for file in STORE_FILES if hasattr(file, "ENDS"))
VAULT_FILES: tuple[ModuleType, ...] = (erasures, turns, vault_keys)


VIEWS: tuple[View, ...] = catch_ups.VIEWS

RETIRED_INDEXES: dict[str, tuple[str, ...]] = {
    # by_reference was not sparse: destroyed cases have no reference, and there may be many. Links lead to follow_views.
    # by_queue sorted in memory.
    "cases": ("by_reference", "by_follow", "by_queue"),
    # These swept as soon as it was over by the server's clock, which is not the Clock's (guichet.mongo.ended).
    "sessions": ("swept_when_over",),
    "sign_in_places": ("swept_when_over",),
    "sign_in_tries": ("swept_when_empty",),
    "receipt_counts": ("swept_when_over",),
    "abuse_declarations": ("swept_when_over",),
    "messages": ("erased", "by_case"),  # by_case sorted in memory
    # overdue began with the state: a page of it, newest first, had to be sorted in memory; so had by_case's.
    "deliveries": ("overdue", "by_case"),
}


async def prepare(database: Database, *, clock: Callable[[], datetime]) -> None:
    """Make what is missing in the database of cases, messages and the registry. Raises TransientError.

    A database that is made today has today's form: no migration is for it. clock: aware UTC.
    """
    is_new = await _prepare(database, STORE_FILES)
    await _make_views(database)
    if is_new:
        await migrations.MigrationRecords(database).mark_done(NAMES, clock())


async def prepare_vault(database: Database) -> None:
    """Make what is missing in the vault's database. Raises TransientError."""
    await _prepare(database, VAULT_FILES)


@translate_errors
async def _prepare(database: Database, files: Iterable[ModuleType]) -> bool:
    """Return whether nothing was there before."""
    there = set(await database.list_collection_names())
    for name in there & RETIRED_INDEXES.keys():
        await _retire(database, name)
    for name, indexes in ((name, indexes) for file in files for name, indexes in file.INDEXES.items()):
        if name not in there:
            await _create(database, name)
        if indexes:
            await database[name].create_indexes(indexes)
    return not there


async def _retire(database: Database, name: str) -> None:
    for index in RETIRED_INDEXES[name]:
        if index in await database[name].index_information():
            await database[name].drop_index(index)


@translate_errors
async def _make_views(database: Database) -> None:
    there = set(await database.list_collection_names())
    for view in VIEWS:
        if view.name not in there:
            await _create(database, view.name, viewOn=view.collection, pipeline=view.pipeline)


async def _create(database: Database, name: str, **options: Any) -> None:
    try:
        await database.create_collection(name, **options)
    except CollectionInvalid:  # another preparation was faster
        return
    except OperationFailure as exc:  # or only just
        if exc.code != NAMESPACE_EXISTS:
            raise
