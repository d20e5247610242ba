"""The registry: since when somebody is known, and has an address, by the month."""

from typing import Any, Final

from guichet.migrations.context import MigrationContext, Steps


def _month(path: str) -> dict[str, Any]:
    return {"$dateTrunc": {"date": path, "unit": "month"}}


_CITIZEN: Final = [{"$set": {"since": _month("$since")}}]
_HOLDER: Final = {"$mergeObjects": ["$$each", {"since": _month("$$each.since")}]}
_ADDRESS: Final = [{"$set": {"holders": {"$map": {"input": "$holders", "as": "each", "in": _HOLDER}}}}]
_CHANGES: Final = {"citizens": _CITIZEN, "identifiers": _ADDRESS}


async def run(context: MigrationContext, steps: Steps) -> None:
    """Change every citizen and every address. Raises TransientError."""
    for name, change in _CHANGES.items():
        async for batch in steps.batches(name, context.database[name]):
            await context.database[name].update_many({"_id": {"$in": [each["_id"] for each in batch]}}, change)
