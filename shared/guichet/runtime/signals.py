"""What tells a process to stop: SIGTERM from a supervisor, SIGINT from a terminal."""

import asyncio
import signal


def told_to_stop() -> asyncio.Event:
    """Return an event that is set by SIGTERM or SIGINT. Call it in the main thread, inside the loop."""
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    return stopping
