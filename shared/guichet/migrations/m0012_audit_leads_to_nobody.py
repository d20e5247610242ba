"""The audit trail: the new ids of citizens whom an operator looked for or had erased (docs/decisions/0013).

Nothing else of an entry changes: who did what, and when. Whose the id was can be told of the living through the
registry, as before, and of nobody who is erased.
"""

from typing import Final

from pymongo import UpdateOne

from guichet.migrations.context import Document, MigrationContext, Steps
from guichet.migrations.m0010_citizen_ids import NewId, new_id_of

_OF_CITIZENS: Final = {"thing": {"$in": ["citizen", "erasure"]}}


async def run(context: MigrationContext, steps: Steps) -> None:
    """Change every entry about a citizen. Raises TransientError."""
    audit, new_id = context.database["audit"], new_id_of(context)
    async for batch in steps.batches("audit", audit, _OF_CITIZENS):
        changes = [UpdateOne({"_id": each["_id"]}, {"$set": {"things": _renamed(each, new_id)}}) for each in batch]
        await audit.bulk_write(changes, ordered=False)


def _renamed(entry: Document, new_id: NewId) -> list[str]:
    """Of an erasure the first thing is the request, whose id is random; citizens follow. Pure."""
    kept = entry["things"][:1] if entry["thing"] == "erasure" else []
    return [*kept, *map(new_id, entry["things"][len(kept) :])]
