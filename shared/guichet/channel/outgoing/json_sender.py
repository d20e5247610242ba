"""A provider that takes letters as JSON over HTTP."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import httpx

from guichet.channel.outgoing.letter import Letter
from guichet.channel.outgoing.outcomes import Doubtful, Outcome, failed, sent
from guichet.channel.outgoing.sender import Sender, UnsentBugError
from guichet.errors import GuichetError, ThrottledError, TransientError

_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_NOT_TAKEN: Final = (408, 425, 503)
_OURS: Final = (401, 402, 403, 407)  # the account, or its credentials: an operator's to mend
_ELSEWHERE: Final = (404, 405)  # of a page, and not in the provider's JSON: nobody at this address takes letters
_NOTHING_THERE: Final = 404
_THROTTLED: Final = 429
_PAUSE_S: Final = 5.0  # where a provider that is throttled does not say how long


class JsonSender(Sender):
    """Override `post`, and where the provider differs `provider_id`, `code` and `settle`.

    api_url: the provider's, or the sandbox's. reasons: the provider's codes in ours, as the channel's facts have them;
    a code that is not among them is `otherwise`.
    """

    otherwise = "rejected"

    def __init__(self, api_url: object, token: str, reasons: Mapping[str, str]) -> None:
        self._base = str(api_url).rstrip("/")
        self._headers = {b"Authorization": f"Bearer {token}".encode()} if token else {}
        self._reasons = reasons
        self._http: httpx.AsyncClient | None = None

    @abstractmethod
    def post(self, letter: Letter) -> tuple[str, Mapping[str, Any]]:
        """Return the path under `api_url`, and the JSON that is posted there. It sends nothing itself: a bug in it
        leaves the letter waiting, and not in doubt."""

    def provider_id(self, answer: Mapping[str, Any]) -> str | None:
        """Return the provider's id of the message that it took."""
        return _word(answer, "id")

    def code(self, answer: Mapping[str, Any]) -> str | None:
        """Return the provider's code for why it took no message."""
        return _word(answer, "error")

    async def stop(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def try_send(self, letter: Letter) -> Outcome:
        request = self._request(letter)
        try:
            answer = await self._connected().send(request)
        except _NEVER_SENT as exc:
            raise TransientError(f"{self.name}: not reached ({type(exc).__name__})") from exc
        except httpx.HTTPError:
            return Doubtful("connection-lost")
        return self._outcome(answer)

    async def check(self, path: str) -> list[str]:
        """Return that the provider takes our token. Raises GuichetError where it does not. Nobody is written to.

        path: where letters go, which is asked for and not written to.
        """
        try:
            answer = await self._connected().get(path)
        except httpx.HTTPError as exc:
            raise GuichetError(f"{self._base} does not answer ({type(exc).__name__}).") from None
        finally:
            await self.stop()
        if answer.status_code in _OURS:
            raise GuichetError(f"{self._base} refuses the token (HTTP {answer.status_code}).")
        if answer.status_code == _NOTHING_THERE:
            return [
                f"{self._base} answers 404 at {path}, as one does that knows nothing there: check the address"
                " (in the sandbox, that its tile was loaded) unless this provider says so to whatever is no POST"
            ]
        return [f"{self._base} answers ({answer.status_code} at {path}, where letters go)"]

    def _request(self, letter: Letter) -> httpx.Request:
        """Return what is sent. Raises UnsentBugError for a bug in `post`, or what it returns that is no JSON."""
        try:
            path, body = self.post(letter)
            return self._connected().build_request("POST", path, json=body)
        except GuichetError:
            raise
        except Exception as bug:
            raise UnsentBugError(type(bug).__name__) from bug

    def _outcome(self, answer: httpx.Response) -> Outcome:
        json = _json(answer)
        said = json or {}
        if answer.is_success:
            return sent(self.provider_id(said))
        status = answer.status_code
        if status == _THROTTLED:
            raise ThrottledError(f"{self.name}: too many requests", retry_after=_pause(answer))
        code = self.code(said)
        if code is not None and code in self._reasons:
            return failed(self._reasons[code])
        is_astray = answer.is_redirect or (json is None and status in _ELSEWHERE)  # `api_url` is wrong
        if is_astray or status in (*_OURS, *_NOT_TAKEN):
            raise TransientError(f"{self.name} answered {status}")
        if answer.is_server_error:
            return Doubtful("server-error", denied=code is not None)  # a gateway's page has no code of the provider's
        return failed(self.otherwise)

    def _connected(self) -> httpx.AsyncClient:
        if self._http is None:  # made here, inside the loop that will run it
            self._http = httpx.AsyncClient(base_url=self._base, headers=self._headers, timeout=10)
        return self._http


def _json(answer: httpx.Response) -> Mapping[str, Any] | None:
    try:
        said = answer.json()
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _word(answer: Mapping[str, Any], name: str) -> str | None:
    return str(answer[name]) if answer.get(name) is not None else None


def _pause(answer: httpx.Response) -> timedelta:
    said = answer.headers.get("Retry-After", "")
    return timedelta(seconds=int(said) if said.isdecimal() and len(said) < 6 else _PAUSE_S)
