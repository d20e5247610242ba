"""A town with somebody who administers it."""

from dataclasses import replace

import pytest

from guichet.ids import AgentId, UnitId
from guichet.town.organisation import Unit
from guichet_testing.doors.desk_on_twins import TownHall


@pytest.fixture
def administered(hall: TownHall) -> TownHall:
    """The town that Hélène Vasseur administers, with units, and Claire Dumas at the contact centre."""
    files = hall.town.staff
    agents = tuple(
        each.model_copy(update={"profile": "contact"}) if each.agent_id == AgentId("agent-11") else each
        for each in files.agents
    )
    units = {UnitId("technique"): Unit(label="Services techniques", departments=("voirie", "espaces-verts"))}
    hall.town = replace(hall.town, staff=replace(files, agents=agents, units=units))
    return hall
