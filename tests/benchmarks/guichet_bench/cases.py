"""How many cases there are, asked of the store."""

import asyncio
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient

from guichet_local.stack import LocalStack


class CaseCount:
    """A stack's MongoDB, asked for one number that costs it nothing. Use it with `with`."""

    def __init__(self, stack: LocalStack) -> None:
        values = stack.environment_of("guichet")
        self._client: MongoClient[dict[str, Any]] = MongoClient(stack.mongodb_admin_uri)
        self._cases = self._client[values["GUICHET_MONGODB_DATABASE"]]["cases"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def now(self) -> int:
        """Return the number."""
        return self._cases.estimated_document_count()

    async def reach(self, expected: int) -> None:
        """Return once there are so many."""
        while self.now() < expected:  # noqa: ASYNC110  another process makes them
            await asyncio.sleep(0.02)
