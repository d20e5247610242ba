"""Documents that arrive where something has their key already are refused, and the key is named."""

import re

import pytest
from pymongo import ASCENDING, IndexModel

from guichet.errors import PermanentError
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.setup.arrival import Arrival


@pytest.mark.real
@pytest.mark.parametrize(
    ("there", "said"),
    [
        ({"_id": "new"}, "cases has _id of new already"),
        ({"_id": "old", "reference": "2026-A"}, "cases has reference of new already"),
        ({"_id": "old", "in": {"sector": 1}, "nth": 2}, "cases has in.sector, nth of new already"),
    ],
)
async def test_the_key_that_is_there_already_is_named(mongo_server, mongo_database, there, said):
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    by_reference = IndexModel("reference", unique=True, partialFilterExpression={"reference": {"$exists": True}})
    by_two = IndexModel(
        [("in.sector", ASCENDING), ("nth", ASCENDING)], unique=True, partialFilterExpression={"nth": {"$exists": True}}
    )
    await database["cases"].create_indexes([by_reference, by_two])
    arrival = Arrival(database)
    await arrival.insert("cases", [there])
    arriving = {"_id": "other"}, there | {"_id": "new"}
    with pytest.raises(PermanentError, match=re.escape(f"{said}: it is twice in this file")):
        await arrival.insert("cases", arriving)
