"""A typed client of the sandbox's test API: what tests play the citizens with."""

import base64
from types import TracebackType
from typing import Any, Self, TypedDict, Unpack

import httpx

from citizen_sandbox.play.entry import Attachment, Direction, Entry
from citizen_sandbox.play.people import Citizen
from guichet_testing.until import PATIENCE_S

LONGEST_POLL = 30.0  # seconds the server is asked to wait in one go
FORGOTTEN_AFTER_S = 2.0  # an idle connection: before the server's own five seconds, which would race with a use


class NothingCameError(AssertionError):
    """What a test waited for did not arrive in time; says what did arrive instead."""


class Which(TypedDict, total=False):
    """Which message is awaited: to what address, after which entry's id, with what in its text or subject."""

    address: str
    after: int
    containing: str


class SandboxClient:
    """base_url: the sandbox's, such as http://127.0.0.1:8003. Use it with `async with`.

    A citizen is named by the id in citizens.yaml. `send_*` returns once the town answered the first
    attempt: see `state` (accepted, refused, waiting for the next attempt) and `answer`.
    `wait_for_*` takes `after`, the id of the entry that the awaited one must follow.
    """

    def __init__(self, base_url: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{base_url.rstrip('/')}/sandbox/api",
            timeout=LONGEST_POLL + 20,
            limits=httpx.Limits(keepalive_expiry=FORGOTTEN_AFTER_S),
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def citizens(self) -> list[Citizen]:
        """Return everybody one can play."""
        return [Citizen.model_validate(one) for one in await self._get("/citizens")]

    async def tiles(self) -> list[dict[str, Any]]:
        """Return every tile as it is declared: key, title, icon, channels, troubles, can_edit."""
        return list(await self._get("/tiles"))

    async def payloads(self, tile: str) -> list[dict[str, Any]]:
        """Return the last payloads that a tile's provider sent to the town, newest first, and what became of each."""
        return list(await self._get(f"/tiles/{tile}/payloads"))

    async def send_by(
        self,
        tile: str,
        citizen: str = "",
        text: str = "",
        *,
        address: str = "",
        fields: dict[str, str] | None = None,
        files: list[dict[str, str]] | None = None,
        edits: Entry | None = None,
    ) -> list[Entry]:
        """Write by any tile. fields: of its form; edits: the message that is corrected."""
        wish = {"citizen": citizen, "address": address, "text": text, "fields": fields or {}, "files": files or []}
        sent = await self._post(f"/tiles/{tile}", wish | {"edits": edits.id if edits else None})
        return [Entry.model_validate(one) for one in sent]

    async def page(self, citizen: str) -> str:
        """Return the page on which one plays a citizen."""
        return (await self._http.get(self._http.base_url.copy_with(path=f"/jouer/{citizen}"))).text

    async def send_sms(
        self,
        citizen: str = "",
        text: str = "",
        *,
        phone: str = "",
        files: list[Attachment] | None = None,
        whatsapp: bool = False,
        params: dict[str, str] | None = None,
    ) -> Entry:
        """Send an SMS, or a WhatsApp message. params: fields of Twilio's form to replace before signing."""
        wish = {"citizen": citizen, "phone": phone, "text": text, "whatsapp": whatsapp}
        return await self._send("/sms", wish | {"files": _files(files), "params": params or {}})

    async def send_again(self, entry: Entry) -> str:
        """Tell the town of an SMS or a WhatsApp message once more, under the same id; return what it answered."""
        return str(await self._post(f"/entries/{entry.id}/again", {}))

    async def send_telegram(
        self,
        citizen: str = "",
        text: str = "",
        *,
        files: list[Attachment] | None = None,
        location: tuple[float, float] | None = None,
        edits: int | None = None,
        writer_id: int = 0,
        writer_name: str = "Inconnu",
    ) -> Entry:
        """Send a Telegram message; of an album's entries the last is returned.

        location: latitude, longitude. edits: the `provider_id` of the message to correct, as a number.
        """
        wish: dict[str, Any] = {"citizen": citizen, "text": text, "files": _files(files), "edits": edits}
        if location:
            wish["location"] = {"latitude": location[0], "longitude": location[1]}
        if not citizen:
            wish |= {"writer_id": writer_id, "writer_name": writer_name}
        return Entry.model_validate((await self._post("/telegram", wish))[-1])

    async def send_update(self, update: dict[str, Any]) -> Entry:
        """Send any JSON to the town's Telegram webhook, with the right secret."""
        return Entry.model_validate((await self._post("/telegram", {"update": update}))[-1])

    async def open_chats(self, ids: list[int]) -> None:
        """Let the bot write to these Telegram chats: updates about them come from elsewhere than the sandbox."""
        await self._request("POST", "/telegram/chats", json={"ids": ids})

    async def send_mail(  # noqa: PLR0913 - a mail has that many parts
        self,
        citizen: str = "",
        subject: str = "",
        text: str = "",
        *,
        sender: str = "",
        to: list[str] | None = None,
        cc: list[str] | None = None,
        html: str = "",
        files: list[Attachment] | None = None,
        headers: dict[str, str] | None = None,
        reply_to: Entry | None = None,
        proof: str = "pass",
    ) -> Entry:
        """Send a mail. Without `to`: to the first mailbox, a reply where the answered mail wants it.

        proof: what the town's mail server finds of the sender: pass, none, fail, unsaid.
        """
        wish = {
            "citizen": citizen,
            "sender": sender,
            "to": to or [],
            "cc": cc or [],
            "subject": subject,
            "text": text,
            "html": html,
            "files": _files(files),
            "headers": headers or {},
            "reply_to": reply_to.id if reply_to else None,
            "proof": proof,
        }
        return await self._send("/mail", wish)

    async def send_raw_mail(self, raw: bytes, sender: str, recipients: list[str], *, proof: str = "unsaid") -> Entry:
        """Send any bytes as a mail. sender: empty for the null return path. proof: as for `send_mail`."""
        content = base64.b64encode(raw).decode()
        wish = {"content_base64": content, "sender": sender, "recipients": recipients, "proof": proof}
        return await self._send("/mail/raw", wish)

    async def entries(
        self,
        citizen: str = "",
        *,
        address: str = "",
        channel: str | None = None,
        direction: Direction | None = None,
        after: int = 0,
        containing: str = "",
        wait: float = 0,
    ) -> list[Entry]:
        """Return what was sent and received, oldest first; of one citizen, one address, or everybody.

        wait: seconds to wait for a first one.
        """
        query: dict[str, Any] = {"citizen": citizen, "address": address, "after": after, "wait": wait}
        query |= {"containing": containing, "channel": channel, "direction": direction}
        found = await self._get("/entries", {name: value for name, value in query.items() if value})
        return [Entry.model_validate(one) for one in found]

    async def wait_for_mail(self, citizen: str = "", timeout: float = PATIENCE_S, **which: Unpack[Which]) -> Entry:
        """Return the first mail received."""
        return await self.wait_for("mail", citizen, timeout, **which)

    async def wait_for_sms(self, citizen: str = "", timeout: float = PATIENCE_S, **which: Unpack[Which]) -> Entry:
        """Return the first SMS received."""
        return await self.wait_for("sms", citizen, timeout, **which)

    async def wait_for_whatsapp(self, citizen: str = "", timeout: float = PATIENCE_S, **which: Unpack[Which]) -> Entry:
        """Return the first WhatsApp message received."""
        return await self.wait_for("whatsapp", citizen, timeout, **which)

    async def wait_for_telegram(self, citizen: str = "", timeout: float = PATIENCE_S, **which: Unpack[Which]) -> Entry:
        """Return the first Telegram message received."""
        return await self.wait_for("telegram", citizen, timeout, **which)

    async def answered(self, entry: Entry, timeout: float = 30) -> Entry:
        """Return the entry as it is once the town accepted or refused it, or after `timeout` seconds."""
        return Entry.model_validate(await self._get(f"/entries/{entry.id}", {"wait": timeout}))

    async def raw(self, entry: Entry) -> bytes:
        """Return a mail's bytes as they went over the wire."""
        return (await self._request("GET", f"/entries/{entry.id}/raw")).content

    async def attachment(self, entry: Entry, position: int = 0) -> bytes:
        """Return the content of one of the entry's files."""
        return (await self._request("GET", f"/entries/{entry.id}/attachments/{position}")).content

    async def requests(self) -> list[str]:
        """Return the addresses that the town asked the providers for, as `GET /path?query`, oldest first."""
        return [str(each) for each in await self._get("/requests")]

    async def misbehave(self, trouble: str, count: int = 1, retry_after: int = 1) -> None:
        """Let the next `count` sends go wrong. retry_after: seconds, for the throttled ones."""
        await self._post("/misbehaviour", {"trouble": trouble, "count": count, "retry_after": retry_after})

    async def troubles(self) -> dict[str, int]:
        """Return how often each ordered trouble is still to strike."""
        return {name: order["count"] for name, order in (await self._get("/misbehaviour")).items()}

    async def behave(self) -> None:
        """Take every order for trouble back."""
        await self._request("DELETE", "/misbehaviour")

    async def reset(self) -> None:
        """Forget every message, stop every delivery under way, behave well."""
        await self._request("POST", "/reset")

    async def wait_for(
        self, channel: str, citizen: str = "", timeout: float = PATIENCE_S, **which: Unpack[Which]
    ) -> Entry:
        """Return the first message received on a channel."""
        left = timeout
        while True:
            wait = min(left, LONGEST_POLL)
            found = await self.entries(citizen, channel=channel, direction=Direction.RECEIVED, wait=wait, **which)
            left -= wait
            if found:
                return found[0]
            if left <= 0:
                raise NothingCameError(await self._what_came(channel, citizen, timeout, which))

    async def _what_came(self, channel: str, citizen: str, timeout: float, which: Which) -> str:
        address = which.get("address", "")
        seen = await self.entries(citizen, address=address)
        lines = [f"  {one.id} {one.channel} {one.direction} {one.state} {one.answer}" for one in seen]
        wanted = f"no {channel} for {citizen or address or 'anybody'} within {timeout:g} s ({which})"
        return "\n".join([f"{wanted}; there is:", *lines])

    async def _send(self, path: str, wish: dict[str, Any]) -> Entry:
        return Entry.model_validate(await self._post(path, wish))

    async def _get(self, path: str, query: dict[str, Any] | None = None) -> Any:
        return (await self._request("GET", path, params=query)).json()

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        return (await self._request("POST", path, json=body)).json()

    async def _request(self, method: str, path: str, **parts: Any) -> httpx.Response:
        answer = await self._http.request(method, path, **parts)
        if answer.is_error:
            raise ValueError(f"the sandbox refused {method} {path}: {answer.status_code} {answer.text}")
        return answer


def _files(files: list[Attachment] | None) -> list[dict[str, str]]:
    return [
        {
            "name": file.name,
            "media_type": file.media_type,
            "content_base64": base64.b64encode(file.content).decode(),
        }
        for file in files or []
    ]
