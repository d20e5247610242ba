"""Ask a provider for the token that opens a mailbox (RFC 6749 4.4 and 6), and tell why it gives none."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from guichet_mail.imap_secrets import Secrets
from guichet_mail.mail_file import ImapAccount
from guichet_mail.receive.imap.connection.errors import MailboxError, SignInRefusedError

TIMEOUT_S: Final = 20.0
USUAL_LIFE: Final = timedelta(hours=1)  # of a token whose provider does not say
LONGEST_BODY: Final = 256 * 1024
_SERVER_ERROR: Final = 500
_TOO_MANY: Final = 429
_MICROSOFTS: Final = re.compile(r"AADSTS\d{1,8}")  # its code says more than RFC 6749's
_REMEDY: Final = {
    "invalid_client": "see oauth.client_id and the client secret, which may have ended",
    "invalid_grant": "the refresh token was revoked or has ended: give the town's consent anew",
    "invalid_scope": "see oauth.scope",
    "unauthorized_client": "the provider does not let this client do so: see its permissions there",
}


@dataclass(frozen=True)
class Granted:
    """What a provider gave. refresh_token: a new one, which takes the place of the one before; blank: that stays.

    clock: what time it was there.
    """

    access_token: str = field(repr=False)
    life: timedelta
    refresh_token: str = field(default="", repr=False)
    clock: datetime | None = None


async def ask_for_token(account: ImapAccount, secrets: Secrets, refresh_token: str, http: httpx.AsyncClient) -> Granted:
    """Return a token. refresh_token: the newest, where the account has one. Raises MailboxError, SignInRefusedError."""
    host = urlsplit(account.token_url).hostname
    try:
        async with asyncio.timeout(TIMEOUT_S):
            answer = await _answer(account, _question(account, secrets, refresh_token), http)
    except (httpx.TimeoutException, TimeoutError):
        raise MailboxError(f"{host}, which gives tokens, does not answer.") from None
    except httpx.HTTPError as exc:
        raise MailboxError(f"{host}, which gives tokens, cannot be reached ({_why(exc)}).") from None
    said = _said(answer)
    if not answer.is_success:
        raise _refusal(answer.status_code, said, str(host))
    token = said.get("access_token")
    if not isinstance(token, str) or not token:
        raise MailboxError(f"{host} answers with no token: see oauth.token_url.")
    return Granted(token, _life(said), str(said.get("refresh_token") or ""), clock_of(answer))


async def _answer(account: ImapAccount, question: dict[str, str], http: httpx.AsyncClient) -> httpx.Response:
    """Return an answer as far as it is read: one without end is not waited for, nor kept."""
    async with http.stream("POST", account.token_url, data=question, follow_redirects=False) as answer:
        found = bytearray()
        async for piece in answer.aiter_bytes():
            found += piece
            if len(found) > LONGEST_BODY:
                found.clear()
                break
    return httpx.Response(answer.status_code, headers={"date": answer.headers.get("date", "")}, content=bytes(found))


def clock_of(answer: httpx.Response) -> datetime | None:
    """Return what time it is where an answer comes from; None where it does not say."""
    try:
        at = parsedate_to_datetime(answer.headers.get("date", ""))
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def _question(account: ImapAccount, secrets: Secrets, refresh_token: str) -> dict[str, str]:
    assert account.oauth is not None
    by_client = account.oauth.grant == "client-credentials"
    asked = {
        "grant_type": "client_credentials" if by_client else "refresh_token",
        "client_id": account.oauth.client_id,
        "client_secret": secrets.client_secret,
        "refresh_token": "" if by_client else refresh_token,
        "scope": account.scope or "",
    }
    return {name: value for name, value in asked.items() if value}


def _said(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _refusal(status: int, said: Mapping[str, Any], host: str) -> MailboxError:
    if status == _TOO_MANY or status >= _SERVER_ERROR:
        return MailboxError(f"{host}, which gives tokens, answers {status}.")
    error = "".join(each for each in str(said.get("error", "")) if each.isalnum() or each in "_-")[:40]
    code = _MICROSOFTS.search(str(said.get("error_description", "")))
    why = ", ".join(filter(None, (str(status), error, code and code[0])))
    remedy = _REMEDY.get(error, "see oauth.token_url, oauth.client_id and the secret")
    return SignInRefusedError(f"{host} gives no token ({why}): {remedy}.")


def _life(said: Mapping[str, Any]) -> timedelta:
    try:
        return timedelta(seconds=max(0.0, min(float(said.get("expires_in", "")), USUAL_LIFE.total_seconds() * 24)))
    except (TypeError, ValueError):
        return USUAL_LIFE


def _why(error: httpx.HTTPError) -> str:
    return "its certificate does not hold" if "CERTIFICATE_VERIFY_FAILED" in str(error) else type(error).__name__
