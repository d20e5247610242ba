"""A lease is kept by the store's clock alone: nobody's own clock takes it away or prolongs it."""

import inspect
from datetime import UTC, timedelta

import pytest

from guichet.mongo import lease as lease_file
from guichet.mongo.client import connect
from guichet.mongo.lease import LeaseWords, TakenError, leased
from guichet.runtime.settings import MongoSettings

pytestmark = pytest.mark.real
WORDS = LeaseWords(taken="another works", lost="another took over")


@pytest.fixture
async def collection(mongo_server, mongo_database):
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    yield database["work"]
    database.client.close()


async def test_one_process_at_a_time_has_it(collection):
    async with leased(collection, WORDS):
        with pytest.raises(TakenError):
            async with leased(collection, WORDS):
                pass
    async with leased(collection, WORDS):
        pass


async def test_it_ends_by_the_stores_clock(collection):
    now = (await collection.database.command("hello"))["localTime"].replace(tzinfo=UTC)
    async with leased(collection, WORDS, timedelta(hours=1)):
        [lease] = await collection.find({}).to_list(None)
        assert abs(lease["until"] - now - timedelta(hours=1)) < timedelta(seconds=30)


def test_no_clock_is_handed_to_it():
    """So a process whose clock was moved by days holds what it holds, and takes nothing that another holds."""
    source = inspect.getsource(lease_file)
    assert "$$NOW" in source
    assert "clock" not in {*inspect.signature(leased).parameters, *inspect.signature(lease_file.Lease).parameters}
    assert ".now(" not in source
