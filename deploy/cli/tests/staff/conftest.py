"""A store in which an operator of the example town changes its staff."""

import asyncio

import pytest

from guichet.clock import SystemClock
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.setup.schema import prepare
from guichet_testing.builders.example_town import EXAMPLE_TOWN


@pytest.fixture
def settings(mongo_server, mongo_database: str, monkeypatch: pytest.MonkeyPatch) -> MongoSettings:
    monkeypatch.setenv("GUICHET_MONGODB_URI", mongo_server.uri)
    monkeypatch.setenv("GUICHET_MONGODB_DATABASE", mongo_database)
    monkeypatch.setenv("GUICHET_TOWN", str(EXAMPLE_TOWN))
    found = MongoSettings()
    asyncio.run(prepare(connect(found), clock=SystemClock().now))
    return found
