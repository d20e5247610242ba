"""A desk of a town whose procedures say what silence means."""

from dataclasses import replace

import pytest

from guichet_testing.builders.clocked_town import clocked_town
from guichet_testing.builders.profiled_town import profiled_town
from guichet_testing.doors.desk_on_twins import TownHall


@pytest.fixture
def hall() -> TownHall:
    return TownHall(town=replace(profiled_town(), procedures=clocked_town().procedures))
