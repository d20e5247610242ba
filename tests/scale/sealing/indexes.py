"""Indexes of a store that is filled: taken away before, made at the end, by what makes them in every installation.

An import asks for nothing but ids, and every document would change some ten indexes at random places: made of all
documents at once, in their order, they cost a fraction. They are the same ones after that, or the run ends.
"""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any

from pymongo import MongoClient

from guichet.clock import SystemClock
from guichet.store.setup.schema import prepare
from guichet.vault.schema import prepare_vault
from guichet_local.stack import LocalStack
from guichet_testing.real.collections import HOLDING
from guichet_testing.town.store import DATA, VAULT, database_of

Indexes = Mapping[tuple[str, str], Mapping[str, Any]]
"""(database, collection) → its indexes by name, that of `_id` too."""


class OtherIndexesError(Exception):
    """The store has not the indexes that it had before."""


def indexes_of(client: MongoClient[dict[str, Any]]) -> Indexes:
    """Return what stands in both databases."""
    return {
        (database, name): client[database][name].index_information()
        for database in (DATA, VAULT)
        for name in client[database].list_collection_names(filter=HOLDING)
    }


def drop_indexes(client: MongoClient[dict[str, Any]]) -> Indexes:
    """Take all of them away but those of `_id`; return what stood there."""
    before = indexes_of(client)
    for database, name in before:
        client[database][name].drop_indexes()
    return before


async def make_indexes(stack: LocalStack, wanted: Indexes, client: MongoClient[dict[str, Any]]) -> float:
    """Do what `guichet store prepare` does; return the seconds. Raises OtherIndexesError."""
    began = monotonic()
    data, vault = database_of(stack), database_of(stack, VAULT)
    try:
        await asyncio.gather(prepare(data, clock=SystemClock().now), prepare_vault(vault))
    finally:
        data.client.close()
        vault.client.close()
    if (made := indexes_of(client)) != wanted:
        raise OtherIndexesError(", ".join(f"{each}" for each in wanted if made.get(each) != wanted[each]))
    return monotonic() - began
