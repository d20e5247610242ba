"""Agents' rights, brought up to the town's files: at each deployment, and at once when somebody leaves."""

from guichet.mongo.client import closing, connect
from guichet.runtime.settings import MongoSettings, TownSettings, read_settings
from guichet.store.agents.rights import AgentRight, Changes, MongoAgentRights, record_rights
from guichet.town.load import load_town
from guichet_cli.console.command import operators_now


async def record_rights_of_the_town() -> Changes:
    """Record since when each agent may command which departments' cases; return what changed. Raises TransientError."""
    town = load_town(read_settings(TownSettings).town)
    with closing(connect(read_settings(MongoSettings))) as database:
        return await record_rights(MongoAgentRights(database), town.agents_departments, operators_now())


async def all_rights() -> list[AgentRight]:
    """Return every agent's rights, then and now. Raises TransientError."""
    with closing(connect(read_settings(MongoSettings))) as database:
        return await MongoAgentRights(database).all()


def line_of(right: AgentRight) -> str:
    """Return one right as an operator reads it."""
    until = "now" if right.until is None else f"{right.until:%Y-%m-%dT%H:%M:%SZ}"
    return f"{right.agent:<12} {right.since:%Y-%m-%dT%H:%M:%SZ} to {until:<20} {', '.join(right.departments)}"
