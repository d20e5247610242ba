"""A town with somebody who administers it."""

from dataclasses import replace

import pytest

from guichet.ids import AgentId, UnitId
from guichet.town.organisation import Unit
from guichet_testing.doors.desk_on_twins import TownHall


@pytest.fixture
def administered(hall: TownHall) -> TownHall:
    """A town in which Hélène Vasseur administers, and Claire Dumas answers at the contact centre."""
    files = hall.town.staff
    profiles = {AgentId("agent-19"): "responsable", AgentId("agent-11"): "contact"}
    agents = tuple(
        each.model_copy(update={"profile": profiles.get(each.agent_id, each.profile)}) for each in files.agents
    )
    units = {UnitId("technique"): Unit(label="Services techniques", departments=("voirie", "espaces-verts"))}
    hall.town = replace(hall.town, staff=replace(files, agents=agents, units=units))
    return hall
