"""How many cases there are, asked of the store."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pymongo.collection import Collection

from guichet_local.stack import LocalStack
from guichet_testing.town.store import DATA, looked_into


@dataclass(frozen=True)
class CaseCount:
    """A stack's MongoDB, asked for one number that costs it nothing."""

    cases: Collection[dict[str, Any]]

    def now(self) -> int:
        """Return the number."""
        return self.cases.estimated_document_count()

    async def reach(self, expected: int) -> None:
        """Return once there are so many."""
        while self.now() < expected:  # noqa: ASYNC110  another process makes them
            await asyncio.sleep(0.02)


@contextmanager
def counted_cases(stack: LocalStack) -> Iterator[CaseCount]:
    """Keep one connection to the store for the block."""
    with looked_into(stack) as client:
        yield CaseCount(client[DATA]["cases"])
