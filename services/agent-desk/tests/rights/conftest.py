"""A desk of a town in which profiles limit what agents see and do."""

import pytest

from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.doors.desk_on_twins import TownHall


@pytest.fixture
def hall() -> TownHall:
    return TownHall(town=profiled_town())
