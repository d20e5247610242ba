"""Twilio's refusals, in its own codes and words. Source: twilio.com/docs/api/errors."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import JSONResponse


@dataclass
class TwilioError(Exception):
    """An answer of Twilio's API other than success. status: HTTP's; code: Twilio's."""

    status: int
    code: int
    message: str
    retry_after: int | None = None


def not_found(path: str) -> TwilioError:
    """No such resource in this account."""
    return TwilioError(404, 20404, f"The requested resource {path} was not found")


def too_many_requests(retry_after: int) -> TwilioError:
    """The account sends too fast. retry_after: seconds."""
    return TwilioError(429, 20429, "Too Many Requests", retry_after)


async def answer_twilio_error(_request: Request, error: Exception) -> JSONResponse:
    """Turn the error into the JSON that Twilio's SDKs read."""
    assert isinstance(error, TwilioError)
    more_info = f"https://www.twilio.com/docs/errors/{error.code}"
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    body = {"code": error.code, "message": error.message, "more_info": more_info, "status": error.status}
    return JSONResponse(body, status_code=error.status, headers=headers)
