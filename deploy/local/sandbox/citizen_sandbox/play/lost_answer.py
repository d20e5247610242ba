"""A request that was taken and never answered: what a time-out looks like from the other side."""

import asyncio

from fastapi import Request, Response

HELD_SECONDS = 60.0  # longer than any client should wait


async def lose_the_answer(request: Request) -> Response:
    """Hold the answer until the client gives up. Whoever waits all the time gets a 504."""
    for _ in range(int(HELD_SECONDS * 10)):
        if await request.is_disconnected():
            break
        await asyncio.sleep(0.1)
    return Response(status_code=504)
