"""A town of before: its agents' commands that still wait are judged by rights that began long ago."""

from types import SimpleNamespace
from typing import Any

import pytest

from guichet.migrations.m0040_agent_rights import run
from guichet.mongo.client import connect
from guichet.runtime.settings import MongoSettings
from guichet.store.agents.rights import BEGINNING, MongoAgentRights
from guichet.town.staff.profiles import ORDINARY
from guichet_testing.builders.case import ARRIVED
from guichet_testing.builders.example_town import the_example_town

TOWN = the_example_town()


class Steps:
    async def keep(self, count: int = 0, **_: Any) -> None:
        self.count = count


@pytest.mark.real
async def test_rights_begin_long_ago_and_once(mongo_server: Any, mongo_database: str) -> None:
    database = connect(MongoSettings(mongodb_uri=mongo_server.uri, mongodb_database=mongo_database))
    context: Any = SimpleNamespace(database=database, town=TOWN, clock=lambda: ARRIVED)
    workers = [agent for agent in TOWN.agents if agent.profile in {ORDINARY, "responsable"}]
    commanding = [agent for agent in TOWN.agents if agent.profile != "contact"]
    for expected in (len(commanding), 0):
        steps = Steps()
        await run(context, steps)  # type: ignore[arg-type]
        assert steps.count == expected
    rights = await MongoAgentRights(database).all()
    assert {right.agent: right.departments for right in rights} == {
        agent.agent_id: tuple(sorted(agent.departments)) if agent in workers else () for agent in commanding
    }, "of whoever works on some cases of a department alone, an earlier version knows nothing"
    assert {(right.since, right.until) for right in rights} == {(BEGINNING, None)}
