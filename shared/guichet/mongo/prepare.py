"""Make what is missing of a database: collections, indexes, views. What there must be is said by whoever owns it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import ModuleType
from typing import Any, Final

import pymongo
from pymongo.errors import CollectionInvalid, OperationFailure

from guichet.mongo.client import Database, translate_errors
from guichet.mongo.views import View

NAMESPACE_EXISTS = 48  # MongoDB's error code
BUILT_WITHIN: Final = timedelta(hours=6)  # a new index of a filled collection takes minutes, and no other call may


@translate_errors
async def make_collections(
    database: Database, files: Iterable[ModuleType], retired: Mapping[str, Iterable[str]]
) -> bool:
    """Make each file's INDEXES (collection → its indexes), drop retired ones; return whether nothing was there before.

    retired: collection → names of indexes that older versions made. Raises TransientError.
    """
    there = set(await database.list_collection_names())
    for name in there & retired.keys():
        await _drop_indexes(database, name, retired[name])
    for name, indexes in ((name, indexes) for file in files for name, indexes in file.INDEXES.items()):
        if name not in there:
            await _create(database, name)
        if indexes:
            with pymongo.timeout(BUILT_WITHIN.total_seconds()):
                await database[name].create_indexes(indexes)
    return not there


@translate_errors
async def make_views(database: Database, views: Iterable[View]) -> None:
    """Make the views that are missing. Raises TransientError."""
    there = set(await database.list_collection_names())
    for view in views:
        if view.name not in there:
            await _create(database, view.name, viewOn=view.collection, pipeline=view.pipeline)


async def _drop_indexes(database: Database, name: str, retired: Iterable[str]) -> None:
    for index in retired:
        if index in await database[name].index_information():
            await database[name].drop_index(index)


async def _create(database: Database, name: str, **options: Any) -> None:
    try:
        await database.create_collection(name, **options)
    except CollectionInvalid:  # another preparation was faster
        return
    except OperationFailure as exc:  # or only just
        if exc.code != NAMESPACE_EXISTS:
            raise
