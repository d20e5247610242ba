"""The town's doors on the web, as a provider posts to them."""

from typing import Any, Final

import httpx

from citizen_sandbox.play.courier import TownAddress, Verdict
from citizen_sandbox.play.entry import Entry, State
from citizen_sandbox.play.journal import Journal
from citizen_sandbox.play.payloads import Payload, Payloads

# A door that a developer runs may say which message it made of a payload; none has to.
MESSAGE_ID: Final = "X-Guichet-Message"
_OF_THE_CLIENT: Final = frozenset(
    {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length", "content-type"}
)


class Door:
    """Posts and keeps each payload with what became of it. town: one adapter's address, local and public."""

    def __init__(self, town: TownAddress, http: httpx.AsyncClient, journal: Journal, payloads: Payloads) -> None:
        self.town = town
        self._http = http
        self._journal = journal
        self._payloads = payloads

    async def post(self, entry: Entry, public_url: str, *, otherwise: State, timeout: float, **content: Any) -> Verdict:
        """Post once and return what the door said; no answer counts as a refusal.

        entry: the message that the payload is about. otherwise: what the message becomes unless the answer is 2xx:
        WAITING where the provider tries again. content: as httpx takes it (json, data, content, headers).
        """
        request = self._http.build_request("POST", self.town.local(public_url), timeout=timeout, **content)
        own = {name: value for name, value in request.headers.items() if name not in _OF_THE_CLIENT}
        media_type = request.headers.get("content-type", "")
        payload = self._payloads.note(Payload.of(entry, public_url, media_type, request.content, own))
        try:
            answer = await self._http.send(request)
        except httpx.HTTPError as exc:
            verdict = Verdict(otherwise, type(exc).__name__)
            payload.become(verdict.state, verdict.answer)
        else:
            verdict = Verdict(State.ACCEPTED if answer.is_success else otherwise, f"HTTP {answer.status_code}")
            reason = "" if answer.is_success else _reason(answer)
            payload.become(verdict.state, verdict.answer, reason=reason, message_id=answer.headers.get(MESSAGE_ID, ""))
        await self._journal.tell(entry)
        return verdict


def _reason(answer: httpx.Response) -> str:
    """Return the door's own words: the `detail` of its JSON, else its text."""
    try:
        body = answer.json()
    except ValueError:
        return answer.text
    detail = body.get("detail", body) if isinstance(body, dict) else body
    return detail if isinstance(detail, str) else str(detail)
