"""A telephone of Karim's."""

import pytest

from guichet_testing.doors.telephone import (
    Telephone,
    enrol,
)


@pytest.fixture
async def phone(hall, karim) -> Telephone:
    """Karim's, enrolled from an open page."""
    return await enrol(hall, karim)
