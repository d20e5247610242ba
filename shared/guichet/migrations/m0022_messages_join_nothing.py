"""Messages: no digest beside an attachment, and of an erased one the day."""

from guichet.migrations.context import MigrationContext, Steps

_DAY = {"$dateTrunc": {"date": "$erased_at", "unit": "day"}}


async def run(context: MigrationContext, steps: Steps) -> None:
    """Change every message that has either. Raises TransientError."""
    messages = context.database["messages"]
    async for batch in steps.batches("digests", messages, {"attachments.digest": {"$exists": True}}):
        those = {"_id": {"$in": [each["_id"] for each in batch]}}
        await messages.update_many(those, {"$unset": {"attachments.$[].digest": ""}})
    async for batch in steps.batches("erased", messages, {"erased_at": {"$exists": True}}):
        await messages.update_many({"_id": {"$in": [each["_id"] for each in batch]}}, [{"$set": {"erased_at": _DAY}}])
