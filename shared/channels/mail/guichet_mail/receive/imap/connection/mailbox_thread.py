"""A thread of its own for what blocks: one account's conversation, one call after the other.

The pool of asyncio will not do: whoever waits for a server there keeps others from their turn, and the process from its
end.
"""

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

Call = tuple[Callable[[], Any], "asyncio.Future[Any] | None"]


class OwnThread:
    """Runs calls one after the other, until `end_with`. It keeps no process from ending."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._calls: queue.SimpleQueue[Call] = queue.SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    async def run(self, call: Callable[[], T]) -> T:
        """Return what the call returns. Who is cancelled waits no longer; the call goes on until it ends by itself."""
        done: asyncio.Future[T] = self._loop.create_future()
        self._calls.put((call, done))
        return await done

    def end_with(self, last: Callable[[], object]) -> None:
        """Make this the last call, which raises nothing."""
        self._calls.put((last, None))

    def _run(self) -> None:
        while True:
            call, done = self._calls.get()
            if done is None:
                call()
                return
            try:
                result, error = call(), None
            except BaseException as exc:  # whatever it is, it is the caller's
                result, error = None, exc
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(_tell, done, result, error)


def _tell(done: "asyncio.Future[Any]", result: object, error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(result)
    else:
        done.set_exception(error)
