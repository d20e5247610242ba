"""What is started and stopped, by a worker's steps or by `async with`."""

from types import TracebackType
from typing import Self


class Connection:
    """A lasting connection: `start` and `stop` are the heir's; `async with` calls both."""

    async def start(self) -> None:
        """Connect."""
        raise NotImplementedError

    async def stop(self) -> None:
        """Disconnect."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
