"""The vault: a destroyed key leaves the day; when the last one was destroyed is known exactly, in one place."""

from guichet.migrations.context import MigrationContext, Steps
from guichet.vault.keys.collections import KEYS, LAST_DESTROYED

_DESTROYED = {"destroyed_at": {"$exists": True}}
_DAY = {"$dateTrunc": {"date": "$destroyed_at", "unit": "day"}}


async def run(context: MigrationContext, steps: Steps) -> None:
    """Change every destroyed key. Raises TransientError."""
    keys = context.vault_database[KEYS]
    newest = await keys.find_one(_DESTROYED, sort=[("destroyed_at", -1)])
    if newest is not None:  # first: a second run finds days only, and the later time stands
        await keys.update_one({"_id": LAST_DESTROYED}, {"$max": {"at": newest["destroyed_at"]}}, upsert=True)
    async for batch in steps.batches("keys", keys, _DESTROYED):
        those = {"_id": {"$in": [each["_id"] for each in batch]}}
        await keys.update_many(those, [{"$set": {"destroyed_at": _DAY}}])
