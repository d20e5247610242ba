"""What tests of the store's collections share."""

import pytest

from guichet.mongo.client import Database


@pytest.fixture
def database(prepared_database: Database) -> Database:
    """An empty store as `guichet prepare` leaves it."""
    return prepared_database
