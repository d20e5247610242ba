"""A store in which an operator of the example town changes its staff."""

import pytest

from guichet.mongo.client import Database
from guichet.runtime.settings import MongoSettings
from guichet_testing.builders.example_town import EXAMPLE_TOWN


@pytest.fixture
def settings(mongo_server, prepared_database: Database, monkeypatch: pytest.MonkeyPatch) -> MongoSettings:
    monkeypatch.setenv("GUICHET_MONGODB_URI", mongo_server.uri)
    monkeypatch.setenv("GUICHET_MONGODB_DATABASE", prepared_database.name)
    monkeypatch.setenv("GUICHET_TOWN", str(EXAMPLE_TOWN))
    return MongoSettings()
