"""Agents' rights, which were never recorded: what the town's files say today is taken for what they always said.

Commands that were given before this version, and wait in a topic or a dead letter, are judged by it.
"""

from guichet.migrations.context import MigrationContext, Steps
from guichet.store.agents.rights import MongoAgentRights, record_rights


async def run(context: MigrationContext, steps: Steps) -> None:
    """Record them. Done twice, it changes nothing."""
    changed = await record_rights(MongoAgentRights(context.database), context.town, context.clock())
    await steps.keep(len(changed.begun))
