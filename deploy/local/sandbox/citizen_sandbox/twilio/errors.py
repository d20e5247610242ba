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


def authenticate() -> TwilioError:
    """Wrong account or token."""
    return TwilioError(401, 20003, "Authenticate")


def forbidden() -> TwilioError:
    """The account may not see this."""
    return TwilioError(403, 20003, "Permission Denied")


def not_found(path: str) -> TwilioError:
    """No such resource in this account."""
    return TwilioError(404, 20404, f"The requested resource {path} was not found")


def too_many_requests(retry_after: int) -> TwilioError:
    """The account sends too fast. retry_after: seconds."""
    return TwilioError(429, 20429, "Too Many Requests", retry_after)


def server_error() -> TwilioError:
    """Twilio's own trouble."""
    return TwilioError(500, 20500, "An internal server error has occurred")


def unsubscribed() -> TwilioError:
    """The recipient answered STOP."""
    return TwilioError(400, 21610, "Attempt to send to unsubscribed recipient")


async def answer_twilio_error(_request: Request, error: Exception) -> JSONResponse:
    """Turn the error into the JSON that Twilio's SDKs read."""
    assert isinstance(error, TwilioError)
    more_info = f"https://www.twilio.com/docs/errors/{error.code}"
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    body = {"code": error.code, "message": error.message, "more_info": more_info, "status": error.status}
    return JSONResponse(body, status_code=error.status, headers=headers)
