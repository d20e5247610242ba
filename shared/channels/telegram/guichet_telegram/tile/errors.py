"""Telegram's refusals. Source: core.telegram.org/bots/api#making-requests, #responseparameters."""

from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import JSONResponse


@dataclass
class TelegramError(Exception):
    """An answer other than success. status: HTTP's, repeated as error_code."""

    status: int
    description: str
    parameters: dict[str, int] = field(default_factory=dict)


def bad_request(reason: str) -> TelegramError:
    """A call that makes no sense."""
    return TelegramError(400, f"Bad Request: {reason}")


def too_many_requests(retry_after: int) -> TelegramError:
    """The bot sends too fast. retry_after: seconds."""
    return TelegramError(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})


async def answer_telegram_error(_request: Request, error: Exception) -> JSONResponse:
    """Turn the error into the JSON that Telegram's libraries read."""
    assert isinstance(error, TelegramError)
    body: dict[str, object] = {"ok": False, "error_code": error.status, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return JSONResponse(body, status_code=error.status)
