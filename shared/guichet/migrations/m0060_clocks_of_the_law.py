"""Open cases of before: the router is to reckon the law's clocks of each once, and tells nobody of what is past.

Done twice, it changes nothing. A closed case is reckoned when something happens to it.
"""

from typing import Final

from guichet.case.lifecycle import OPEN
from guichet.contracts.legal_facts import LONG_AGO
from guichet.migrations.context import MigrationContext, Steps

_OF_BEFORE: Final = {"state": {"$in": [*OPEN]}, "due": None, "destroyed_at": {"$exists": False}}


async def run(context: MigrationContext, steps: Steps) -> None:
    """Have the router look at them. Raises TransientError."""
    cases = context.database["cases"]
    async for batch in steps.batches("cases", cases, _OF_BEFORE, fields=()):
        those = {"_id": {"$in": [each["_id"] for each in batch]}, "due": None}
        await cases.update_many(those, {"$set": {"due": {"changes_on": LONG_AGO.isoformat()}}})
